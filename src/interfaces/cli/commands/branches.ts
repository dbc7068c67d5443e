import { command } from '../command.ts';
import { editText } from '../edits.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { endText } from '../status-text.ts';
import { columns, grouped } from '../tables.ts';

export const branches = command({
  name: 'branches',
  summary: 'list the branches of a recording',
  operands: [recordingOperand],
  options: { ...jsonOption, ...storeOption },
  description: [
    'Prints one line for each branch, the one that was recorded first: its name, where it departs from which other, what it changes there, its length and its end.',
  ],
  examples: [{ command: 'isochron branches first', says: 'the branches of the recording first' }],
  async run({ options, operands, terminal, open }) {
    const list = await (await open()).branches(operands[0]!);
    if (options.json) terminal.write('stdout', toJson(list));
    else
      terminal.write(
        'stdout',
        columns([
          ['BRANCH', 'DEPARTS AT', 'INSTRUCTIONS', 'EVENTS', 'END', 'CHANGES'],
          ...list.map(({ branch, parent, forkedAt, edits, icount, end, events }) => [
            branch,
            parent === undefined ? '' : `${parent}/${forkedAt!}`,
            grouped(icount),
            grouped(events),
            endText(end),
            edits.map(editText).join(', '),
          ]),
        ]),
      );
    return exitStatus.success;
  },
});

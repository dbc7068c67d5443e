import { command } from '../command.ts';
import { divergenceText } from '../divergence-text.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { endText } from '../status-text.ts';
import { grouped, plural } from '../tables.ts';
import { isDamage, reportError } from '../error-line.ts';

export const verifyRecordings = command({
  name: 'recordings verify',
  summary: 'replay recordings and check every event, digest and reply',
  operands: [{ ...recordingOperand, required: false, repeated: true }],
  options: { ...engineOption, ...jsonOption, ...storeOption },
  description: [
    'Replays each RECORDING (all of them when none is named) without printing its output, and checks every stored digest and every question to the host against what is recorded. A recording that was cut off, because its process died, is checked up to its last durable event.',
  ],
  exitStatuses: [
    ['0', 'everything agrees'],
    ['1', 'a recording diverges or is damaged; the report says where'],
  ],
  examples: [{ command: 'isochron recordings verify', says: 'check every recording of the store' }],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    const names = operands.length > 0 ? operands : await isochron.names();
    let bad = isochron.damage.length;
    for (const recording of names) {
      const progress = new ProgressLine(terminal, `verifying ${recording}`);
      try {
        const result = await isochron.replay({
          recording,
          engine: options.engine,
          verify: true,
          signal: terminal.interruption,
          onProgress: progress.show,
        });
        progress.clear();
        if (result.divergence) bad++;
        if (options.json) terminal.write('stdout', toJson(result));
        else if (result.divergence)
          terminal.write('stdout', `${recording}: diverges: ${divergenceText(result.divergence)}`);
        else
          terminal.write(
            'stdout',
            `${recording}: agrees: ${grouped(result.icount)} instructions, ${plural(result.digestsChecked, 'digest')}, ${grouped(result.repliesChecked)} host ${result.repliesChecked === 1 ? 'reply' : 'replies'}, ${endText(result.end)}\n`,
          );
      } catch (error) {
        progress.clear();
        if (!isDamage(error)) throw error;
        bad++;
        const line = (reportError(error).line ?? '').replace(/^isochron: /, '');
        terminal.write(
          'stdout',
          options.json ? toJson({ recording, damaged: line }) : `${recording}: damaged: ${line}\n`,
        );
      }
      if (terminal.interruption.aborted) return exitStatus.interrupted;
    }
    return bad > 0 ? exitStatus.different : exitStatus.success;
  },
});

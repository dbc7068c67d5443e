import type { ReplayResult } from '../../../application/isochron.ts';
import { streamOf } from '../../../application/recording/history.ts';
import { command } from '../command.ts';
import { divergenceText } from '../divergence-text.ts';
import { exitStatus } from '../exit-status.ts';
import { GuestOutput } from '../guest-output.ts';
import { instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { flag, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { endText } from '../status-text.ts';
import { grouped, plural } from '../tables.ts';
import type { Terminal } from '../terminal.ts';

export const replay = command({
  name: 'replay',
  summary: 'execute a recording again, exactly, on any engine',
  operands: [recordingOperand],
  options: {
    ...engineOption,
    verify: flag(
      'check every digest, and on divergence find the first differing instruction with the golden engine',
    ),
    until: single('INSTANT', 'stop at this instruction count or instant', parseInstantWord),
    quiet: flag('do not print the guest’s output again', 'q'),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Executes the recorded program again. The host is not asked: every answer comes from the recording, and every question is checked against the one that was recorded, so neither the program file nor the host’s files are needed.',
    'The guest’s output is printed again. What was checked is said on standard error.',
    'With --json the guest’s output goes to standard error, and standard output carries the result alone.',
  ],
  exitStatuses: [
    ['0', 'the replay did what the recording says'],
    ['1', 'it diverged, or a part of the recording is lost; the report says where and what'],
  ],
  examples: [
    { command: 'isochron replay first', says: 'replay the recording first' },
    {
      command: 'isochron replay first --engine golden --verify',
      says: 'replay on the other engine and check every digest',
    },
  ],
  async run({ options, operands, terminal, openRunner }) {
    const isochron = await openRunner();
    const output = new GuestOutput(terminal, options.json);
    const progress = new ProgressLine(terminal, `replaying ${operands[0]!}`);
    const engine = options.engine ?? isochron.engines[0];
    const result = await isochron.replay({
      recording: operands[0]!,
      engine,
      until: options.until === undefined ? undefined : instantIn(options.until, operands[0]!),
      verify: options.verify || undefined,
      reference: options.verify ? isochron.engines.find((other) => other !== engine) : undefined,
      signal: output.signal,
      onProgress: progress.show,
      output: (to, bytes) => {
        progress.clear();
        if (!options.quiet) output.sink(to, bytes);
      },
    });
    progress.clear();
    if (output.closed) return exitStatus.outputClosed;
    if (options.json) terminal.write('stdout', toJson(result));
    else reportReplay(terminal, result);
    // What is left of a recording that lost events agrees with itself, but is not what was recorded.
    const stream = streamOf(operands[0]!);
    const lost = isochron.damage.some((damage) => damage.lost.split(/[\s,:;]+/).includes(stream));
    if (result.divergence || lost) return exitStatus.different;
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

/** Says on standard error what a replay checked, or how it diverged. */
export function reportReplay(terminal: Terminal, result: ReplayResult): void {
  if (result.divergence) {
    const title = terminal.styled('stderr', 'red', 'diverged');
    terminal.write('stderr', `isochron: ${result.recording} ${title}: ${divergenceText(result.divergence)}`);
    return;
  }
  const checked = [
    plural(result.eventsChecked, 'event'),
    plural(result.digestsChecked, 'digest'),
    `${grouped(result.repliesChecked)} host ${result.repliesChecked === 1 ? 'reply' : 'replies'}`,
  ].join(', ');
  const end = result.complete ? endText(result.end) : `stopped before the end`;
  const verdict = terminal.styled('stderr', 'green', 'agrees');
  terminal.write(
    'stderr',
    `isochron: ${result.recording} on ${result.engine} ${verdict} with the recording: ${grouped(result.icount)} instructions, ${end}; checked ${checked}\n`,
  );
}

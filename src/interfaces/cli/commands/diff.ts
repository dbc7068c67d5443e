import { command } from '../command.ts';
import { diffText } from '../diff-text.ts';
import { exitStatus } from '../exit-status.ts';
import { historyAndInstant, instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { engineOption, jsonOption, storeOption } from '../shared-options.ts';
import { UsageError } from '../usage-error.ts';

const history = { required: true, complete: 'recording' } as const;

export const diff = command({
  name: 'diff',
  summary: 'say where two recordings or branches first differ, and what differs',
  operands: [
    { ...history, name: 'A', summary: 'a recording, or a branch as RECORDING/BRANCH' },
    { ...history, name: 'B', summary: 'the other one' },
  ],
  options: {
    at: single('INSTANT', 'compare registers and memory at this instruction count', parseInstantWord, {
      fallback: 'the last that both have',
    }),
    ...engineOption,
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Finds the first instruction after which the states of A and B differ, and what made them differ; where they go different ways; the registers and ranges of memory that differ at an instant; the first other system call; and the lines of output that differ.',
    'Recordings of one program with the same setup are equal for as long as they are told the same, so the search begins there. What follows the first difference is replayed once for each.',
  ],
  exitStatuses: [
    ['0', 'they are the same'],
    ['1', 'they differ'],
  ],
  examples: [
    { command: 'isochron diff first first/what-if', says: 'what a branch changed' },
    { command: 'isochron diff monday tuesday --json', says: 'two recordings, for a script' },
  ],
  async run({ options, operands, terminal, open }) {
    const [left, right] = operands.map(historyIn) as [string, string];
    const isochron = await open();
    const progress = new ProgressLine(terminal, `comparing ${left} and ${right}`);
    const result = await isochron.diff({
      left,
      right,
      at: options.at === undefined ? undefined : instantIn(options.at, left),
      engine: options.engine,
      signal: terminal.interruption,
      onProgress: progress.show,
    });
    progress.clear();
    terminal.write('stdout', options.json ? toJson(result) : diffText(result));
    const differ = result.first !== undefined || result.left.icount !== result.right.icount;
    return differ ? exitStatus.different : exitStatus.success;
  },
});

function historyIn(word: string | undefined): string {
  const { recording, icount } = historyAndInstant(word!);
  if (icount === undefined) return recording;
  throw new UsageError(
    `${word!} is an instant`,
    'give two recordings or branches, and the instant with --at',
  );
}

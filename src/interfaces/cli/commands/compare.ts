import { command } from '../command.ts';
import { divergenceText } from '../divergence-text.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { count, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { grouped } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

function parsePair(word: string): readonly [string, string] {
  const [first, second, ...rest] = word.split(',').map((name) => name.trim());
  if (!first || !second || rest.length > 0)
    throw new UsageError(
      `${JSON.stringify(word)} does not name two engines`,
      'give two names with a comma, such as golden,wasm',
    );
  return [first, second];
}

export const compare = command({
  name: 'compare',
  summary: 'run a recording on two engines in lock-step',
  operands: [recordingOperand],
  options: {
    engines: single('A,B', 'the two engines', parsePair, {
      fallback: 'golden,wasm',
      complete: ['golden,wasm', 'wasm,golden'],
    }),
    until: count('N', 'compare the first N instructions only'),
    every: count('N', 'compare every N instructions, and not only where the recording has events'),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Advances both engines by the same number of instructions and compares their whole state: every register, memory and kernel state. Where they differ, the interval is halved until the first differing instruction and field are known.',
  ],
  exitStatuses: [
    ['0', 'the engines agree'],
    ['1', 'they differ; the report names the first differing instruction and field'],
  ],
  examples: [
    {
      command: 'isochron compare first --engines golden,wasm',
      says: 'check the translating engine against the reference',
    },
    { command: 'isochron compare first --every 1000', says: 'the same, a thousand instructions at a time' },
  ],
  async run({ options, operands, terminal, open }) {
    if (options.every === 0) throw new UsageError('--every: 0 is too few', 'give a whole number from 1 on');
    const isochron = await open();
    const progress = new ProgressLine(terminal, `comparing ${operands[0]!}`);
    const result = await isochron.compare({
      recording: operands[0]!,
      engines: options.engines ?? ['golden', 'wasm'],
      until: options.until,
      every: options.every,
      signal: terminal.interruption,
      onProgress: progress.show,
    });
    progress.clear();
    const names = result.engines.join(' and ');
    if (options.json) terminal.write('stdout', toJson(result));
    else if (result.divergence)
      terminal.write('stdout', `${names} differ: ${divergenceText(result.divergence)}`);
    else
      terminal.write(
        'stdout',
        `${names} agree on ${grouped(result.icount)} instructions of ${result.recording}: ${grouped(result.comparisons)} comparisons of the whole state${result.complete ? '' : ', stopped before the end'}\n`,
      );
    if (result.divergence) return exitStatus.different;
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

import { resolve } from 'node:path';
import { type EffectKind, effectKinds } from '../../../application/traces/effect.ts';
import { registerName } from '../../register-names.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { nearest } from '../nearest.ts';
import { choice, parseRange, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { bytesText, grouped } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

/** What is asked for by `--only`: a kind in the plural. */
const plurals = new Map<string, readonly EffectKind[]>([
  ...effectKinds.map((kind) => [kind.endsWith('switch') ? `${kind}es` : `${kind}s`, [kind]] as const),
  ['registers', ['register-read', 'register-write']],
  ['memory', ['memory-read', 'memory-write']],
]);

const formats = { parquet: '.parquet', chrome: '.json' } as const;
type Format = keyof typeof formats;

/** `WORD,WORD…` */
export function parseKinds(words: string): readonly EffectKind[] {
  return words.split(',').flatMap((word) => {
    const kinds = plurals.get(word);
    if (kinds !== undefined) return kinds;
    const near = nearest(word, [...plurals.keys()]);
    throw new UsageError(
      `${JSON.stringify(word)} is nothing that can be exported`,
      `${near === undefined ? '' : `did you mean ${near}? `}give some of ${[...plurals.keys()].join(', ')}`,
    );
  });
}

export const exportCommand = command({
  name: 'export',
  summary: 'write what a recording did to a file for other programs: Parquet, or a trace for Perfetto',
  operands: [
    recordingOperand,
    {
      name: 'FILE',
      summary: 'the new file, which ends in .parquet or .json',
      required: true,
      complete: 'file',
    },
  ],
  options: {
    from: single('INSTANT', 'begin here', parseInstantWord, { fallback: 'the beginning' }),
    to: single('INSTANT', 'end before this instant', parseInstantWord, { fallback: 'the recording’s end' }),
    only: single('WHAT,...', `of effects: ${[...plurals.keys()].join(', ')}`, parseKinds, {
      complete: [...plurals.keys()],
      fallback: 'all',
    }),
    memory: single('ADDR[:LEN]', 'of memory accesses, those to any of these bytes', parseRange),
    format: choice('FORMAT', ['parquet', 'chrome'], 'what to write', { fallback: 'as FILE ends' }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'A Parquet file has a row for each effect, in order: each instruction, each register and each piece of memory that it reads or writes with the value before and after, and what the system did in the course of a call or a signal. The range is replayed by the reference engine, instruction by instruction, which takes several microseconds each: give --from and --to in a long recording. Calls, signals and thread switches alone are found at full speed, and with an index (`isochron index`) --memory with accesses to memory alone replays only the parts that have some.',
    'A Chrome trace has the functions that each thread calls, its system calls and signals, whose turn it is, and counters; ui.perfetto.dev shows it. Its microseconds are instructions.',
    'The file gets its name when it is whole; where there is one already, nothing is written.',
  ],
  examples: [
    { command: 'isochron export first first.parquet --to 1M', says: 'all effects of a million instructions' },
    {
      command: 'isochron export first writes.parquet --only memory-writes,system-calls',
      says: 'all writes to memory and all system calls',
    },
    { command: 'isochron export first first.json', says: 'a trace to open in ui.perfetto.dev' },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, file] = operands as [string, string];
    const format = options.format ?? formatOf(file);
    if (format === 'chrome' && (options.only !== undefined || options.memory !== undefined))
      throw new UsageError('--only and --memory are of effects', 'leave them out, or write a .parquet file');
    const isochron = await open();
    const progress = new ProgressLine(terminal, `exporting ${recording}`);
    const at = (word: string | undefined) => (word === undefined ? undefined : instantIn(word, recording));
    const request = {
      recording,
      file: resolve(terminal.workingDirectory, file),
      from: at(options.from),
      to: at(options.to),
      signal: terminal.interruption,
      onProgress: progress.show,
    };
    const { rows, bytes } = await (
      format === 'chrome'
        ? isochron.exportTimeline(request)
        : isochron.exportEffects({
            ...request,
            kinds: options.only,
            memory: options.memory,
            registerNames: registerName,
          })
    ).finally(() => progress.clear());
    const what = format === 'chrome' ? 'events' : 'rows';
    terminal.write(
      'stdout',
      options.json
        ? toJson({ recording, file, format, rows, bytes })
        : `${file}: ${grouped(rows)} ${what}, ${bytesText(bytes)}\n`,
    );
    return exitStatus.success;
  },
});

function formatOf(file: string): Format {
  const found = (Object.keys(formats) as Format[]).find((format) => file.endsWith(formats[format]));
  if (found !== undefined) return found;
  throw new UsageError(
    `what ${file} is to be cannot be seen from its name`,
    'name it .parquet or .json, or give --format',
  );
}

import { basename, resolve } from 'node:path';
import type { TranslateResult } from '../../../application/guidance/guidance.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { readWhole } from '../files.ts';
import { namingProgram } from '../guest-request.ts';
import { toJson } from '../json.ts';
import { count, parseSize, single } from '../option-values.ts';
import { CountLine } from '../progress.ts';
import { jsonOption, storeOption } from '../shared-options.ts';
import { grouped, plural } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

export const translate = command({
  name: 'translate',
  summary: 'translate the hot code of a program ahead, for its next runs to begin with',
  operands: [
    {
      name: 'PROGRAM',
      summary: 'the program, of which the store has a profile',
      required: true,
      complete: 'file',
    },
  ],
  options: {
    jobs: count('N', 'translate in up to N threads at once', { fallback: '1' }),
    entries: count('N', 'translate what was entered N times or oftener in the profiled runs', {
      fallback: '4096',
    }),
    memory: single('SIZE', 'bytes of guest address space that the runs will have', parseSize, {
      fallback: '4G',
    }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Translates the code that the profile of PROGRAM calls hot, has it optimised, and keeps it in the user’s cache directory, or in the one that ISOCHRON_CACHE names. `isochron profile build` makes a profile. Later runs take the code over as soon as they meet it.',
    'Runs keep what they translate themselves. This is for the first run, and for code that a short run does not come to translate. Kept code is used only where every byte that it was made from is the same, and where Isochron and Node are; deleting it costs time and nothing else.',
    'Ctrl-C keeps what has been translated; the same command goes on from there.',
  ],
  examples: [
    { command: 'isochron translate hello', says: 'translate what the profile of hello calls hot' },
    { command: 'isochron translate --jobs 4 hello', says: 'the same, in four threads' },
  ],
  async run({ options, operands, terminal, open }) {
    if (options.jobs === 0) throw new UsageError('--jobs: 0 is too few', 'give a whole number from 1 on');
    const file = operands[0]!;
    const path = resolve(terminal.workingDirectory, file);
    const isochron = await open();
    const progress = new CountLine(terminal, `translating ${file}`, 'regions');
    const result = await isochron.guidance
      .translate({
        program: readWhole(path),
        programPath: `/bin/${basename(path)}`,
        memorySize: options.memory,
        entries: options.entries,
        jobs: options.jobs,
        signal: terminal.interruption,
        onProgress: ({ done, total }) => progress.show(done, total),
      })
      .catch((error: unknown) => {
        throw namingProgram(error, file);
      });
    progress.clear();
    terminal.write('stdout', options.json ? toJson(result) : `${file}: ${outcomeText(result)}\n`);
    return result.complete ? exitStatus.success : exitStatus.interrupted;
  },
});

function outcomeText({ blocks, translated, optimised, known, without, complete }: TranslateResult): string {
  return [
    plural(blocks, 'hot block'),
    `${plural(translated, 'region')} translated, ${grouped(optimised)} optimised`,
    `${grouped(known)} kept before`,
    ...(without > 0 ? [`${grouped(without)} not there when the program begins`] : []),
    ...(complete ? [] : ['stopped before the end']),
  ].join('; ');
}

import { resolve } from 'node:path';
import type { TakenProfile, TrainingResult } from '../../../application/guidance/guidance.ts';
import type { Isochron } from '../../../application/isochron.ts';
import { entriesOf } from '../../../domain/profile/profile.ts';
import type { Digest } from '../../../domain/shared/digest.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { writeWhole } from '../files.ts';
import { toJson } from '../json.ts';
import { count, text } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns, grouped, plural } from '../tables.ts';
import { CommandFailure } from '../usage-error.ts';

const programOperand = {
  name: 'PROGRAM',
  summary:
    'the beginning of the program’s SHA-256, as `isochron profile list` prints it, or a recording of it',
  required: true,
  complete: 'recording',
} as const;

/** The program that a word names. */
async function programOf(isochron: Isochron, word: string): Promise<Digest> {
  if ((await isochron.names()).includes(word)) return (await isochron.show(word)).program.digest;
  const [found, ...others] = (await isochron.guidance.profiled()).filter((digest) => digest.startsWith(word));
  if (found !== undefined && others.length === 0) return found;
  throw new CommandFailure(
    'no-profile',
    found === undefined
      ? `${word} names neither a recording nor a program with a profile`
      : `${word} begins the SHA-256 of several programs`,
    '',
    'see `isochron profile list`',
  );
}

const build = command({
  name: 'profile build',
  summary: 'count which code of a recording is hot, for later runs of the program',
  operands: [{ ...recordingOperand, repeated: true }],
  options: {
    until: count('N', 'count the first N instructions only', { fallback: 'all' }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Replays each RECORDING with everything interpreted, notes which basic blocks are entered 1024 times or more, and keeps that as the profile of the program, in the store. Several recordings of a program add to one profile.',
    '`isochron run --guidance profile` translates what the profile calls hot after a few times. Code is known by place and content, so a profile never speaks of another program, and a run does the same with any profile.',
  ],
  examples: [
    { command: 'isochron profile build first', says: 'count the blocks of the recording first' },
    { command: 'isochron run --guidance profile hello', says: 'run the program with its profile' },
  ],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    for (const recording of operands) {
      const progress = new ProgressLine(terminal, `profiling ${recording}`);
      const result = await isochron.guidance.profile({
        recording,
        until: options.until,
        signal: terminal.interruption,
        onProgress: progress.show,
      });
      progress.clear();
      if (!result.complete) return exitStatus.interrupted;
      terminal.write(
        'stdout',
        options.json
          ? toJson(result)
          : `${recording}: ${plural(result.blocks, 'hot block')} in ${plural(result.instructions, 'instruction')}, program ${result.program.slice(0, 12)}\n`,
      );
    }
    return exitStatus.success;
  },
});

const list = command({
  name: 'profile list',
  summary: 'list the programs that have a profile',
  operands: [],
  options: { ...jsonOption, ...storeOption },
  description: ['Prints one line for each program: its SHA-256, its hot blocks, and what was counted.'],
  examples: [{ command: 'isochron profile list', says: 'what is profiled here' }],
  async run({ options, terminal, open }) {
    const { guidance } = await open();
    const programs = await guidance.profiled();
    const profiles = await Promise.all(programs.map((program) => guidance.profileOf(program)));
    const rows = programs.map((program, index) => ({
      program,
      blocks: profiles[index]?.blocks.size ?? 0,
      recordings: [...(profiles[index]?.recordings ?? [])],
    }));
    if (options.json) terminal.write('stdout', toJson(rows));
    else if (rows.length === 0)
      terminal.write('stdout', 'no profiles; make one with `isochron profile build RECORDING`\n');
    else
      terminal.write(
        'stdout',
        columns([
          ['PROGRAM', 'HOT BLOCKS', 'RECORDINGS'],
          ...rows.map(({ program, blocks, recordings }) => [
            program.slice(0, 12),
            grouped(blocks),
            recordings.join(', '),
          ]),
        ]),
      );
    return exitStatus.success;
  },
});

const show = command({
  name: 'profile show',
  summary: 'list the hot blocks of a program',
  operands: [programOperand],
  options: { limit: count('N', 'at most N blocks', { fallback: '20' }), ...jsonOption, ...storeOption },
  description: ['Prints the blocks that were entered most. Entries are known to a factor of four.'],
  examples: [{ command: 'isochron profile show first', says: 'what is hot in the program of first' }],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    const profile = await isochron.guidance.profileOf(await programOf(isochron, operands[0]!));
    const blocks = hottest(profile, options.limit ?? 20);
    if (options.json) terminal.write('stdout', toJson(blocks));
    else
      terminal.write(
        'stdout',
        columns([
          ['ENTRIES', 'INSTRUCTIONS', 'ADDRESS', 'FIRST SEEN AT'],
          ...blocks.map(({ entries, features, address, firstSeen }) => [
            `≥ ${grouped(entries)}`,
            grouped(features.instructions),
            `0x${address.toString(16)}`,
            grouped(firstSeen),
          ]),
        ]),
      );
    return exitStatus.success;
  },
});

const hottest = (profile: TakenProfile | undefined, limit: number) =>
  [...(profile?.blocks.values() ?? [])]
    .map((block) => ({ entries: entriesOf(block), ...block }))
    .sort((a, b) => b.entries - a.entries || a.address - b.address)
    .slice(0, limit);

const forget = command({
  name: 'profile forget',
  summary: 'remove the profile of a program',
  operands: [programOperand],
  options: { ...storeOption },
  description: ['Removes the profile. Recordings are not touched.'],
  examples: [
    { command: 'isochron profile forget first', says: 'forget what is known of the program of first' },
  ],
  async run({ operands, terminal, open }) {
    const isochron = await open();
    const program = await programOf(isochron, operands[0]!);
    const had = await isochron.guidance.forget(program);
    terminal.write(
      'stdout',
      had ? `forgot the profile of ${program.slice(0, 12)}\n` : 'there was no profile\n',
    );
    return exitStatus.success;
  },
});

const train = command({
  name: 'profile train',
  summary: 'train a model of which code gets hot, from all profiles of the store',
  operands: [],
  options: {
    out: text('FILE', 'write the model, plain coefficients as JSON, to FILE', { complete: 'file' }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'Fits a logistic regression: from how often and how densely a block was entered so far, and from what it is made of, it predicts whether the block will be entered 65,536 times, so that translating it pays. The same profiles give the same model.',
    '`isochron run --guidance learned --model FILE` uses it. docs/explanation/guidance.md describes the inputs.',
  ],
  examples: [{ command: 'isochron profile train --out model.json', says: 'train a model and keep it' }],
  async run({ options, terminal, open }) {
    const result = await (await open()).guidance.train();
    if (options.out !== undefined)
      writeWhole(
        resolve(terminal.workingDirectory, options.out),
        `${JSON.stringify(result.model, null, 2)}\n`,
      );
    terminal.write('stdout', options.json ? toJson(result) : trainingText(result));
    return exitStatus.success;
  },
});

function trainingText({ model, accuracy }: TrainingResult): string {
  const percent = (share: number | undefined) =>
    share === undefined ? 'unknown: there is one program' : `${(100 * share).toFixed(1)} %`;
  return columns([
    ['samples', `${grouped(model.samples)} from ${plural(model.programs, 'program')}`],
    ['right about them', percent(accuracy.trained)],
    ['right about other programs', percent(accuracy.crossValidated)],
    ['always the more frequent answer', percent(accuracy.baseline)],
    ['bias', model.bias.toFixed(3)],
    ...model.inputs.map(({ name, coefficient }) => [name, coefficient.toFixed(3)]),
  ]);
}

export const profile = [build, list, show, forget, train] as const;

import { basename, dirname, join, resolve } from 'node:path';
import { defaultCases, type VerificationResult } from '../../../application/verification/verification.ts';
import { command, type Invocation } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { writeWhole } from '../files.ts';
import { toJson } from '../json.ts';
import { choice, count, flag, parsePart, repeated, single, text } from '../option-values.ts';
import { parkedFailure } from '../parked-shards.ts';
import { CountLine } from '../progress.ts';
import { jsonOption, storeOption } from '../shared-options.ts';
import { UsageError } from '../usage-error.ts';
import { executedBy, executedWords } from '../verification/executed-subject.ts';
import { saveCases } from '../verification/save-cases.ts';

const options = {
  relation: choice(
    'RELATION',
    ['engine', 'optimised', 'oracle', 'disassembly', 'encoding', 'assembly'],
    'what is claimed of the instructions',
    {
      fallback: 'engine',
    },
  ),
  engine: repeated(
    'ENGINE',
    'an engine to test: wasm, or one of its tiers as wasm:regions (repeatable)',
    (word) => word,
    {
      fallback: 'all',
    },
  ),
  oracle: text(
    'ORACLE',
    'the oracle to ask: unicorn or qemu; of disassembly objdump or llvm-mc; of encoding as',
    { fallback: 'the first that is installed; of disassembly all that are, of encoding none' },
  ),
  program: text('FILE', 'run a program, and try the blocks that it executes', { complete: 'file' }),
  argument: repeated('WORD', 'an argument for the program (repeatable)', (word) => word),
  'max-instructions': count('N', 'run at most N instructions of the program'),
  recording: text('NAME', 'replay a recording, and try the blocks that it executes', {
    complete: 'recording',
  }),
  cases: count('N', 'cases of each instruction or block, at least', { fallback: '200' }),
  block: count('N', 'generate blocks of up to N instructions instead of single ones', { fallback: '1' }),
  seed: text('SEED', 'what the cases are drawn from: the same seed gives the same cases', {
    fallback: '0',
  }),
  campaign: text('NAME', 'record the campaign under NAME; the same command goes on where it was stopped'),
  'shard-size': count('N', 'cases of a shard, about: what a kill can cost', { fallback: '128000' }),
  shards: count('N', 'cut the campaign into N shards at least', { fallback: '1' }),
  jobs: count('N', 'work in N processes at once', { fallback: '1' }),
  part: single('I/N', 'verify every N-th shard only, from the I-th on', parsePart),
  distribute: flag('with --campaign: leave the shards to the workers of the store, and wait for them'),
  case: text('CASE', 'run one case, as reports print them, on every engine instead'),
  save: text(
    'NAME',
    'record counterexamples, or the case of --case, as programs that replay: NAME, NAME-2, …',
  ),
  junit: text('FILE', 'write a JUnit XML report', { complete: 'file' }),
  html: text(
    'FILE',
    'write an HTML report: verdict, coverage map, and beside it a page for each counterexample',
    { complete: 'file' },
  ),
  ...jsonOption,
  ...storeOption,
} as const;

export const verify = command({
  name: 'verify',
  summary: 'test the translation of instructions against a reference or an oracle',
  operands: [
    {
      name: 'SUBJECT',
      summary:
        'an instruction set, an extension or an instruction, such as riscv64, zbb or add; all by default',
      required: false,
      repeated: true,
    },
  ],
  options,
  description: [
    'Generates instructions and states, weighted to boundaries, and compares what engines make of them. The relation engine holds every tier of the wasm engine against the golden evaluator; optimised the golden evaluator on optimised IR against itself on the IR as it is written; oracle holds the golden evaluator against a simulator that shares no code with it; disassembly holds how encodings are written against the vote of GNU objdump and llvm-mc; encoding and assembly claim that encoding, and assembling, undo decoding, and disassembling, and encoding with --oracle as holds the encodings against GNU as.',
    'With --program or --recording the subject is not instructions but the blocks that a program executes, each tried from generated states; the program runs on the reference engine (slow) to see which they are. Data that its addresses lead to is not there: a block that needs it ends with the fault.',
    'A counterexample is shrunk to a few instructions and small values, and printed with both states side by side, as a line for test/conformance, and with the command that runs it again on any engine.',
    'With --campaign the work is recorded shard by shard. Interrupted or killed, the same command goes on; what a shard finds depends on the seed and the shard’s number alone, so the verdict is that of an uninterrupted campaign. Use one name for one build: shards that an earlier build verified are not tried again.',
  ],
  exitStatuses: [
    ['0', 'no counterexample was found'],
    ['1', 'the claim is refuted; the report shows the counterexamples'],
  ],
  examples: [
    { command: 'isochron verify', says: 'every instruction, quickly' },
    { command: 'isochron verify zbb --cases 10000 --html zbb.html', says: 'one extension, thoroughly' },
    { command: 'isochron verify --block 20 --seed 7', says: 'blocks of up to 20 instructions' },
    { command: 'isochron verify --program hello', says: 'the blocks that a program executes' },
    { command: 'isochron verify --relation optimised --block 20', says: 'the optimiser alone, on blocks' },
    {
      command: 'isochron verify --relation oracle --oracle unicorn',
      says: 'the reference itself, against Unicorn',
    },
    {
      command: 'isochron verify zbb --relation disassembly',
      says: 'the disassembler, against the vote of others',
    },
  ],
  async run(invocation) {
    const { options, terminal, open } = invocation;
    const { verificationText, caseReportText, executes } =
      await import('../verification/verification-text.ts');
    if (options.case !== undefined) {
      const isochron = await open(options.save === undefined ? 'none' : undefined);
      const { verification } = isochron;
      const report = verification.checkCase(options.case, options.engine);
      terminal.write('stdout', options.json ? toJson(report) : caseReportText(report));
      if (options.save !== undefined)
        await saveCases(isochron, [options.case], options.save, terminal, options.json);
      const differs = report.results.some(({ differences }) => differences.length > 0);
      return differs ? exitStatus.different : exitStatus.success;
    }
    if (options.distribute && options.campaign === undefined)
      throw new UsageError('--distribute needs a campaign', 'name one with --campaign NAME');
    if (options.distribute && (options.part !== undefined || options.jobs !== undefined))
      throw new UsageError('--distribute leaves the work to others', 'give it without --part and --jobs');
    for (const name of ['cases', 'shard-size', 'block', 'shards', 'jobs'] as const)
      if ((options[name] ?? 1) < 1)
        throw new UsageError(`--${name}: 0 is too few`, 'give a whole number from 1 on');
    const result = await (options.jobs !== undefined && options.jobs > 1
      ? verifyInParallel(options.jobs, invocation)
      : verifyHere(invocation, (options.campaign ?? options.recording) ? undefined : 'none'));
    const written = (file: string): string => resolve(terminal.workingDirectory, file);
    if (options.junit !== undefined) {
      const { junitReport } = await import('../verification/junit.ts');
      writeWhole(written(options.junit), Buffer.from(junitReport(result)));
    }
    if (options.html !== undefined) {
      const { htmlReport } = await import('../verification/html-report.ts');
      const file = written(options.html);
      for (const [name, page] of htmlReport(result, basename(file)))
        writeWhole(join(dirname(file), name), Buffer.from(page));
    }
    terminal.write('stdout', options.json ? toJson(plain(result)) : verificationText(result));
    if (options.save !== undefined && result.state.counterexamples.length > 0) {
      const { relation } = result.state.setup;
      if (!executes(relation))
        throw new UsageError(`--save: what refutes ${relation} is no execution`, 'leave --save out');
      const lines = result.state.counterexamples.map((found) => found.case);
      await saveCases(await open(), lines, options.save, terminal, options.json);
    }
    if (terminal.interruption.aborted) return exitStatus.interrupted;
    if (result.parked.length > 0) throw parkedFailure(options.campaign!, result.parked);
    return result.state.counterexamples.length > 0 ? exitStatus.different : exitStatus.success;
  },
});

/** Sets are lists in JSON. */
const plain = ({ state, ...rest }: VerificationResult) => ({
  ...rest,
  ...state,
  verified: [...state.verified].sort((a, b) => a - b),
});

type Verifying = Invocation<typeof options>;

/** Verifies in this process, in the store that the command line chose, or another one. */
async function verifyHere(
  { options: given, operands, terminal, open }: Verifying,
  store: Parameters<Verifying['open']>[0],
  campaign = given.campaign,
): Promise<VerificationResult> {
  const { verification } = await open(store);
  const progress = new CountLine(terminal, 'verifying', 'cases');
  const running = new CountLine(terminal, 'executing', 'instructions');
  const result = await verification.verify({
    subjects: operands,
    executed: executedBy(given, terminal),
    relation: given.relation,
    engines: given.engine,
    oracle: given.oracle,
    cases: given.cases,
    shardSize: given['shard-size'],
    shards: leastShards(given),
    blockLength: given.block,
    seed: given.seed,
    campaign,
    part: given.part,
    distribute: given.distribute,
    signal: terminal.interruption,
    onProgress: ({ cases, total, counterexamples, executing }) => {
      if (executing !== undefined) running.show(executing);
      else progress.show(cases, total, counterexamples > 0 ? `, ${counterexamples} refuted` : '');
    },
  });
  progress.clear();
  return result;
}

/** Cases of each instruction in a shard, from which on it costs little to place and translate what they run. */
const amortised = 512;

/** Enough that no process is left with the last big one, but not so many that each is small, and one for each process at least. */
const leastShards = ({ shards, jobs = 1, cases = defaultCases }: Verifying['options']): number | undefined =>
  shards ?? (jobs > 1 ? Math.max(jobs, Math.min(4 * jobs, Math.floor(cases / amortised))) : undefined);

/** Lets processes verify the shards of one campaign, and then tells what they found together. */
async function verifyInParallel(jobs: number, invocation: Verifying): Promise<VerificationResult> {
  const { options: given, operands, terminal } = invocation;
  if (given.recording !== undefined && given.campaign === undefined)
    throw new UsageError('--jobs with --recording needs a campaign', 'name one with --campaign NAME');
  if (given.part) throw new UsageError('--part and --jobs exclude each other', 'give one of them');
  const { verifyInProcesses, inTemporaryStore } = await import('../verification/parallel-verify.ts');
  const values = ['relation', 'oracle', 'cases', 'shard-size', 'block', 'seed'] as const;
  const words = [
    ...operands,
    ...values.flatMap((name) => (given[name] === undefined ? [] : [`--${name}`, String(given[name])])),
    ...given.engine.flatMap((name) => ['--engine', name]),
    ...executedWords(given, terminal),
    '--shards',
    String(leastShards(given)),
  ];
  const surroundings = {
    signal: terminal.interruption,
    environment: terminal.environment,
  };
  if (given.campaign !== undefined) {
    const store =
      given.store === undefined ? [] : ['--store', resolve(terminal.workingDirectory, given.store)];
    await verifyInProcesses(jobs, [...words, '--campaign', given.campaign, ...store], surroundings);
    return verifyHere(invocation, undefined);
  }
  return inTemporaryStore(async (directory) => {
    await verifyInProcesses(jobs, [...words, '--campaign', 'parts', '--store', directory], surroundings);
    return {
      ...(await verifyHere(invocation, { at: directory }, 'parts')),
      campaign: undefined,
      resumedFrom: 0,
    };
  });
}

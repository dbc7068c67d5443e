import { resolve } from 'node:path';
import { type IndexResult, jobsThatPay } from '../../../application/effects/index-request.ts';
import type { Isochron } from '../../../application/isochron.ts';
import { command, type Invocation } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { count, flag, parsePart, single } from '../option-values.ts';
import { parkedFailure } from '../parked-shards.ts';
import { ProgressLine } from '../progress.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { parentGone } from '../parent-gone.ts';
import type { Terminal } from '../terminal.ts';
import { bytesText, grouped, plural } from '../tables.ts';
import { UsageError } from '../usage-error.ts';

const options = {
  jobs: count('N', 'work in up to N processes at once, as far as it pays', { fallback: '1' }),
  part: single('I/N', 'index the I-th of N parts of the recording only', parsePart),
  distribute: flag('leave it to the workers of the store (`isochron worker`), and wait for them'),
  follow: flag('go on while the recording is being made, until it has ended'),
  anew: flag('forget the index there is, and make another'),
  ...jsonOption,
  ...storeOption,
} as const;

export const indexCommand = command({
  name: 'index',
  summary: 'index what a recording reads, writes and executes, for fast searches',
  operands: [recordingOperand],
  options,
  description: [
    'Replays the recording and stores, for each slice of about a million instructions, which bytes were read and written, which instructions executed, and which registers they used; and states to start from. Searches backwards and forwards (`who-wrote`, `when`, `history`, `gdb`) then replay only the slices that matter; what they find is the same.',
    'The index lies beside the recording and can be made again at any time. What is there is kept: an interrupted run goes on where it was, a recording that has grown is indexed further, and chunks that are damaged or missing are named and made again. A deleted recording takes its index along; exports leave it out.',
  ],
  examples: [
    { command: 'isochron index first', says: 'index all of the recording first' },
    { command: 'isochron index first --follow', says: 'index first while another process records it' },
    { command: 'isochron index first --jobs 4', says: 'the same, in four processes' },
  ],
  async run(invocation) {
    const { options: given, operands, terminal } = invocation;
    const [recording] = operands as [string];
    if (given.jobs === 0) throw new UsageError('--jobs: 0 is too few', 'give a whole number from 1 on');
    if (given.part !== undefined && (given.jobs !== undefined || given.anew))
      throw new UsageError('--part goes with neither --jobs nor --anew', 'give one of them');
    const ways = [given.jobs, given.part, given.follow || undefined, given.distribute || undefined];
    if (ways.filter((way) => way !== undefined).length > 1)
      throw new UsageError(
        '--jobs, --part, --follow and --distribute exclude each other',
        'give one of them',
      );
    const result = await indexed(recording, invocation);
    for (const line of result.damage)
      terminal.write('stderr', `isochron: damaged index: ${line}; it was made again\n`);
    terminal.write('stdout', given.json ? toJson(result) : textOf(result));
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

type Indexing = Invocation<typeof options>;

async function indexed(recording: string, invocation: Indexing): Promise<IndexResult> {
  const { options: given, terminal, open } = invocation;
  const isochron = await open();
  if (given.anew) await isochron.dropIndex(recording);
  const parts = given.jobs === undefined ? [] : await byOthers(isochron, recording, invocation);
  const progress = new ProgressLine(terminal, `indexing ${recording}`);
  if (given.distribute) await byWorkers(isochron, recording, terminal);
  const request = { recording, signal: terminal.interruption, onProgress: progress.show };
  const own = given.follow
    ? await isochron.followIndex({ ...request, abandoned: parentGone() })
    : await isochron.index({ ...request, part: given.part });
  progress.clear();
  return {
    ...own,
    made: [...parts, own].reduce((sum, { made }) => sum + made, 0),
    damage: [...parts, own].flatMap(({ damage }) => damage),
  };
}

/** Has the workers of the store index it. Throws CommandFailure where they could not. */
async function byWorkers(isochron: Isochron, recording: string, terminal: Terminal): Promise<void> {
  const progress = new ProgressLine(terminal, `waiting for workers to index ${recording}`);
  const parked = await isochron.distributeIndex({
    recording,
    signal: terminal.interruption,
    onProgress: progress.show,
  });
  progress.clear();
  if (parked.length > 0) throw parkedFailure(`index of ${recording}`, parked);
}

/** Has as many processes index a part each as pay. */
async function byOthers(
  isochron: Isochron,
  recording: string,
  { options: given, terminal }: Indexing,
): Promise<readonly IndexResult[]> {
  const { icount } = await isochron.show(recording);
  const jobs = jobsThatPay(icount, given.jobs!);
  if (jobs === 1) return [];
  const store =
    given.store === undefined || given.store.includes('://')
      ? given.store
      : resolve(terminal.workingDirectory, given.store);
  const words = ['index', recording, ...(store === undefined ? [] : ['--store', store])];
  const surroundings = { signal: terminal.interruption, environment: terminal.environment };
  const { inProcesses } = await import('../worker-processes.ts');
  const outputs = await inProcesses(jobs, { words, failure: 'an indexing process failed' }, surroundings);
  return outputs.filter((output) => output !== '').map((output) => JSON.parse(output) as IndexResult);
}

function textOf({ recording, icount, indexed: known, made, chunks, bytes, states }: IndexResult): string {
  const share = icount === 0 ? 100 : Math.floor((100 * known) / icount);
  return (
    `${recording}: ${grouped(known)} of ${grouped(icount)} instructions indexed (${share} %), ` +
    `${plural(made, 'chunk')} of ${grouped(chunks)} made now\n` +
    `${bytesText(bytes)} of effects, ${plural(states, 'state')} to start from\n`
  );
}

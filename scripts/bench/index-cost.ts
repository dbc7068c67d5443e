import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openIsochron } from '../../src/library.ts';
import { type Ratio, ratio } from './statistics.ts';

/**
 * What making the index of a recording costs beside replaying it plainly: processor time, each in a process of its own, in turn. The
 * processes are this file, called with the store's directory, the recording and what to do.
 */
type Action = 'replay' | 'index';

export interface IndexCost {
  readonly instructions: number;
  readonly pairs: number;
  /** Milliseconds of processor time of each replay and each indexing. */
  readonly replay: readonly number[];
  readonly index: readonly number[];
  readonly ratio: Ratio;
}

/** Replays and indexes a recording `pairs` times; what it leaves is an index. */
export async function indexCost(directory: string, recording: string, pairs: number): Promise<IndexCost> {
  const isochron = await openIsochron({ directory });
  const { icount } = await isochron.show(recording);
  const times: Record<Action, number[]> = { replay: [], index: [] };
  for (let pair = 0; pair < pairs; pair++) {
    await isochron.dropIndex(recording);
    for (const action of ['replay', 'index'] as const)
      times[action].push(inProcess(directory, recording, action));
  }
  await isochron.close();
  return { instructions: icount, pairs, ...times, ratio: ratio(times.index, times.replay) };
}

function inProcess(directory: string, recording: string, action: Action): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), directory, recording, action],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${action} of ${recording} failed: ${stderr}`);
  return Number(stdout);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, recording, action] = process.argv.slice(2) as [string, string, Action];
  const isochron = await openIsochron({ directory });
  const before = process.cpuUsage();
  if (action === 'index') await isochron.index({ recording });
  else await isochron.replay({ recording, verify: false });
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
  await isochron.close();
}

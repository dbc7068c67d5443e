import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { VerifyRequest } from '../../src/application/verification/verification.ts';
import { openIsochron, type OpenOptions } from '../../src/composition-root.ts';
import { Random } from '../../src/application/verification/generators/random.ts';

const cli = fileURLToPath(new URL('../../bin/isochron.js', import.meta.url));

export interface KilledWorkers {
  /** Where the campaign is kept. */
  readonly store: OpenOptions;
  readonly workers: number;
  readonly kills: number;
  readonly shards: number;
  /** Of each of the eight instructions of Zbs. */
  readonly casesPerShard: number;
  /** How long a worker lives after its first shard at most, ms: so that most are killed at work. */
  readonly longestLife: number;
  readonly seed: bigint;
  readonly onKill?: (kills: number, verified: number) => void;
}

export interface KilledCampaign {
  readonly kills: number;
  /** How many results each shard has. */
  readonly results: readonly number[];
  /** Whether everything that was found is what an undisturbed campaign finds. */
  readonly same: boolean;
  readonly parked: number;
}

/** Lets workers do a campaign and kills them, as by `kill -9`, at random moments until it was done often enough. */
export async function killWorkers(options: KilledWorkers): Promise<KilledCampaign> {
  const { store, workers, shards, casesPerShard: each } = options;
  const random = new Random(options.seed);
  const request: VerifyRequest = { subjects: ['zbs'], seed: '11', cases: each * shards, shardSize: 8 * each };
  const isochron = await openIsochron(store);
  const location = store.server ?? store.directory!;
  let kills = 0;
  let verified = 0;
  let done = false;
  const live = async (): Promise<void> => {
    while (!done) {
      const worker = start(location, store.directory);
      const ended = once(worker, 'exit');
      if (kills < options.kills) {
        await Promise.race([ended, once(worker.stdout!, 'data')]);
        await Promise.race([ended, delay(random.below(options.longestLife))]);
        if (!done && kills < options.kills && worker.exitCode === null) {
          worker.kill('SIGKILL');
          kills++;
          options.onKill?.(kills, verified);
        }
      }
      if (done) worker.kill('SIGKILL');
      await ended;
    }
  };
  const crew = new Set<ChildProcess>();
  const start = (at: string, home: string | undefined): ChildProcess => {
    const worker = spawn(process.execPath, [cli, 'worker', '--store', at], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(store.server === undefined ? {} : { ISOCHRON_HOME: home }) },
    });
    worker.stdout.resume();
    crew.add(worker);
    worker.on('exit', () => crew.delete(worker));
    return worker;
  };
  try {
    const campaign = isochron.verification.verify({
      ...request,
      campaign: 'killed',
      distribute: true,
      onProgress: ({ cases }) => {
        verified = cases;
      },
    });
    const lives = Array.from({ length: workers }, live);
    const { state, parked } = await campaign;
    done = true;
    for (const worker of crew) worker.kill('SIGKILL');
    await Promise.all(lives);
    const results = Array.from({ length: shards }, () => 0);
    for await (const { type, data } of isochron.stores.events.read('campaign-killed'))
      if (type === 'ShardVerified') results[(data as { shard: number }).shard]!++;
    const undisturbed = await isochron.verification.verify(request);
    const found = ({ cases, coverage, counterexamples, verified: set }: typeof state) =>
      JSON.stringify([cases, sorted(coverage), counterexamples, set.size]);
    return { kills, results, same: found(state) === found(undisturbed.state), parked: parked.length };
  } finally {
    done = true;
    for (const worker of crew) worker.kill('SIGKILL');
    await isochron.close();
  }
}

/** The order of keys depends on the order of shards. */
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)])
    : value;

const delay = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

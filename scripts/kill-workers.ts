/**
 * The long form of test/end-to-end/workers.test.ts: kills workers at random moments and counts the results of each shard.
 *
 *     npm run kill-workers -- [--kills 50] [--shards 200] [--workers 2] [--seed N] [--store STORE]
 *
 * STORE: a directory, by default one that is thrown away; a URL; or `server`, for an EventStoreDB server in this process.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killWorkers } from '../test/end-to-end/killed-workers.ts';
import { InProcessServer } from '../test/eventstoredb/in-process-server.ts';
import { scriptOptions } from './script-options.ts';

const text = { type: 'string' } as const;
const { values } = scriptOptions(import.meta.url, {
  options: { kills: text, shards: text, workers: text, seed: text, store: text },
});
const natural = (name: 'kills' | 'shards' | 'workers', fallback: number): number => {
  const value = Number(values[name] ?? fallback);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name} wants a positive whole number, not ${JSON.stringify(values[name])}`);
  process.exit(2);
};
const [kills, shards, workers] = [natural('kills', 50), natural('shards', 200), natural('workers', 2)];
const seed = BigInt(values.seed ?? Date.now());
console.log(`${kills} kills, ${shards} shards, ${workers} workers, seed ${seed}`);

const folder = await mkdtemp(join(tmpdir(), 'isochron-workers-'));
const server = values.store === 'server' ? await InProcessServer.start() : undefined;
const url = server?.url ?? (values.store?.includes('://') === true ? values.store : undefined);
const directory = url === undefined && values.store !== undefined ? values.store : folder;
try {
  const { results, ...found } = await killWorkers({
    store: { server: url, directory },
    ...{ workers, kills, shards, seed, casesPerShard: 400, longestLife: 1500 },
    onKill: (count, cases) => {
      if (count % 5 === 0 || count === kills) console.log(`${count} kills, ${cases} cases verified`);
    },
  });
  const once = results.filter((count) => count === 1).length;
  const lost = results.filter((count) => count === 0).length;
  console.log(
    `${found.kills} kills: ${once} of ${shards} shards have exactly one result, ${lost} none, ${shards - once - lost} more; ` +
      `${found.parked} parked; findings ${found.same ? 'equal' : 'differ from'} those of an undisturbed campaign`,
  );
  process.exitCode = once === shards && found.same && found.kills === kills ? 0 : 1;
} finally {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
}

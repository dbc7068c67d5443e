import { missingChunks } from '../../domain/effects-index/effects-index.ts';
import type { IndexBegunData } from '../../domain/effects-index/events.ts';
import { awaitShards, type ParkedShard } from '../distribution/await-shards.ts';
import { offerShards } from '../distribution/offer-shards.ts';
import type { ShardWorker } from '../distribution/shard-work.ts';
import type { ConsumerGroups } from '../ports/consumer-groups.ts';
import { readIndex } from '../travel/recording-index.ts';
import type { DistributedIndexRequest } from './index-request.ts';
import { type EffectsLog, effectsLog, effectsStream, indexSetup } from './effects-log.ts';
import { indexRecording, type IndexingParts } from './index-recording.ts';

export interface DistributedIndexingParts extends IndexingParts {
  readonly stores: IndexingParts['stores'] & { readonly groups: ConsumerGroups };
}

/** Chunks of a shard: so much that starting to replay in the middle does not count. */
const shardChunks = 16;

/** The shards that have anything to index, up to `icount`. */
const missingShards = ({ state }: EffectsLog, icount: number): readonly number[] => [
  ...new Set(missingChunks(state, icount).map((chunk) => Math.floor(chunk / shardChunks))),
];

/**
 * Leaves indexing what is missing of a recording to the workers of the store, range by range, and waits for them; gives those that none
 * could do.
 */
export async function distributeIndex(
  { recording, sliceLength, signal, onProgress }: DistributedIndexRequest,
  parts: DistributedIndexingParts,
): Promise<readonly ParkedShard[]> {
  const { stores } = parts;
  const log = effectsLog(recording, stores.events, parts.newId);
  const setup = await indexSetup(recording, await log.refresh(), stores.events, sliceLength);
  await log.decide(() => ({ type: 'BeginIndex', setup }));
  const { icount } = await readIndex(recording, stores.events);
  const offers = missingShards(log, icount).map(
    (shard) => ({ kind: 'index', campaign: recording, shard }) as const,
  );
  // What is missing after something changed, such as chunks that were lost, is offered again.
  await offerShards(
    effectsStream(recording),
    offers,
    stores,
    `${(await eventsOf(recording, stores)).toString()}/`,
  );
  const left = async (): Promise<readonly number[]> => {
    await log.refresh();
    const shards = missingShards(log, icount);
    const length = shardChunks * chunkLength(setup);
    onProgress?.({ icount: Math.max(0, icount - shards.length * length), total: icount });
    return shards;
  };
  return awaitShards({ kind: 'index', campaign: recording, left, signal }, stores);
}

const chunkLength = ({ sliceLength, chunkSlices }: IndexBegunData): number => sliceLength * chunkSlices;

async function eventsOf(recording: string, { events }: IndexingParts['stores']): Promise<number> {
  let count = 0;
  for await (const { revision } of events.read(effectsStream(recording))) count = revision + 1;
  return count;
}

/** Indexes ranges of recordings that others offered. */
export const indexWorker = (parts: IndexingParts): ShardWorker => ({
  async work({ campaign: recording, shard }, { signal }) {
    const chunks = { from: shard * shardChunks, until: (shard + 1) * shardChunks };
    const { made } = await indexRecording({ recording, chunks, signal }, parts);
    if (signal?.aborted === true) return 'interrupted';
    return made > 0 ? 'recorded' : 'known';
  },
});

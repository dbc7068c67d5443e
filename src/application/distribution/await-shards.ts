import { readShardWorkEvent } from '../../domain/shard-work/read-event.ts';
import type { WorkKind } from '../../domain/shard-work/events.ts';
import { type DistributionParts, workersGroup, workStream } from './shard-work.ts';

/** A shard that no worker could do. */
export interface ParkedShard {
  readonly shard: number;
  readonly reason: string;
}

export interface AwaitedCampaign {
  readonly kind: WorkKind;
  readonly campaign: string;
  /** The shards without a result, as of now. */
  left(): Promise<readonly number[]>;
  readonly signal?: AbortSignal | undefined;
}

/** How often to look, ms. */
const interval = 200;
/** Parked shards are looked for every so many times. */
const parkedEvery = 10;

/** Resolves when each shard has a result or is parked, or when the signal aborts; gives the parked ones. */
export async function awaitShards(
  { kind, campaign, left, signal }: AwaitedCampaign,
  parts: DistributionParts,
): Promise<readonly ParkedShard[]> {
  for (let round = 1; ; round++) {
    const missing = await left();
    if (missing.length === 0 || signal?.aborted === true) return [];
    if (round % parkedEvery === 0) {
      const parked = await parkedShards(kind, campaign, parts);
      const stuck = parked.filter(({ shard }) => missing.includes(shard));
      if (stuck.length === missing.length) return stuck;
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

async function parkedShards(
  kind: WorkKind,
  campaign: string,
  { groups }: DistributionParts,
): Promise<readonly ParkedShard[]> {
  return (await groups.parked(workStream, workersGroup)).flatMap(({ event, reason }) => {
    const read = readShardWorkEvent(event);
    const mine = read.ok && read.value.data.kind === kind && read.value.data.campaign === campaign;
    return mine ? [{ shard: read.value.data.shard, reason }] : [];
  });
}

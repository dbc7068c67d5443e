import type { ShardOfferedData } from '../../domain/shard-work/events.ts';
import { appendInParts } from '../recording/append-in-parts.ts';
import { type DistributionParts, workStream } from './shard-work.ts';

/**
 * Offers shards of a campaign to the workers, those only that were not offered before: an offer's id is its campaign's first
 * event, the `round`, where the same shards are offered again, and its shard. Faults of the store are thrown.
 */
export async function offerShards(
  campaignStream: string,
  offers: readonly ShardOfferedData[],
  { events }: DistributionParts,
  round = '',
): Promise<void> {
  let origin = '';
  for await (const { id } of events.read(campaignStream, { limit: 1 })) origin = id;
  const wanted = offers.map((data) => ({
    id: `${origin}/${round}${data.shard.toString()}`,
    type: 'ShardOffered',
    version: 1,
    data: { kind: data.kind, campaign: data.campaign, shard: data.shard },
  }));
  const offered = new Set<string>();
  let last = -1;
  for (;;) {
    for await (const { id, revision } of events.read(workStream, { from: last + 1 })) {
      offered.add(id);
      last = revision;
    }
    const missing = wanted.filter(({ id }) => !offered.has(id));
    if (missing.length === 0) return;
    await appendInParts(events, workStream, last, missing);
  }
}

import type { ParkedShard } from '../../application/distribution/await-shards.ts';
import { plural } from './tables.ts';
import { CommandFailure } from './usage-error.ts';

/** What to say when workers could not do all of a campaign. */
export const parkedFailure = (campaign: string, parked: readonly ParkedShard[]): CommandFailure =>
  new CommandFailure(
    'shards-parked',
    `no worker could do ${plural(parked.length, 'shard')} of campaign ${campaign}`,
    parked.map(({ shard, reason }) => `shard ${shard}: ${reason}`).join(', '),
    'see to the cause, start `isochron worker --retry-parked`, and give this command again',
  );

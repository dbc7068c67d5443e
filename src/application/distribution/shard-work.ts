import type { ShardOfferedData } from '../../domain/shard-work/events.ts';
import type { ConsumerGroups, GroupSettings } from '../ports/consumer-groups.ts';
import type { EventStore } from '../ports/event-store.ts';

/** The stream of all offers, and the group of all workers. */
export const workStream = 'work';
export const workersGroup = 'workers';

/** A worker is given up after ten seconds of silence; a shard after it was begun and not finished eleven times. */
export const workSettings: GroupSettings = { patience: 10_000, mostRetries: 10 };

export interface DistributionParts {
  readonly events: EventStore;
  readonly groups: ConsumerGroups;
}

/** How one kind of shard is done. */
export interface ShardWorker {
  /**
   * Works on a shard and records what it gave, in the campaign's stream. `recorded`: this call did; `known`: somebody else
   * had; `interrupted`: the signal came first. Rejects when the shard cannot be done here.
   */
  work(
    offer: ShardOfferedData,
    control: { readonly signal?: AbortSignal | undefined },
  ): Promise<'recorded' | 'known' | 'interrupted'>;
}

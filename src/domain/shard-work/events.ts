import type { DomainEvent } from '../shared/event.ts';

/**
 * Work that campaigns offer to workers. What a worker needs to know beyond this is in the campaign's own stream, and that is
 * where the result goes: an offer may be taken up more than once, a shard counts once.
 */

/** What kind of campaign a shard belongs to. */
export type WorkKind =
  /** A verification campaign (stream `campaign-<name>`). */
  | 'verification'
  /** A replay campaign (stream `replay-<name>`). */
  | 'replay'
  /** The index of a recording , which is the campaign's name. */
  | 'index';

/** A shard of a campaign is there to be worked on. */
export interface ShardOfferedData {
  readonly kind: WorkKind;
  /** The campaign's name. */
  readonly campaign: string;
  readonly shard: number;
}

export type ShardWorkEvent = DomainEvent<'ShardOffered', 1, ShardOfferedData>;

export type ShardWorkEventType = ShardWorkEvent['type'];

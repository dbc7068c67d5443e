import type { DomainEvent } from '../shared/event.ts';

/** What can happen to a campaign that replays recordings: nothing here depends on who replayed what, or when. */

/** Which recordings are to be replayed, each a shard, and on which engine. */
export interface ReplayCampaignStartedData {
  readonly recordings: readonly string[];
  readonly engine: string;
}

/** A recording was replayed and checked. */
export interface RecordingReplayedData {
  readonly shard: number;
  readonly recording: string;
  /** Instructions replayed. */
  readonly icount: number;
  readonly digests: number;
  /** Replies of the host whose questions were checked. */
  readonly replies: number;
  readonly outcome: 'agrees' | 'diverges' | 'damaged';
  /** Where it diverges, or what is damaged; empty when it agrees. */
  readonly summary: string;
}

/** Every recording was replayed. The last event. */
export interface ReplayCampaignCompletedData {
  readonly verdict: 'agree' | 'differ';
}

export type ReplayCampaignEvent =
  | DomainEvent<'ReplayCampaignStarted', 1, ReplayCampaignStartedData>
  | DomainEvent<'RecordingReplayed', 1, RecordingReplayedData>
  | DomainEvent<'ReplayCampaignCompleted', 1, ReplayCampaignCompletedData>;

export type ReplayCampaignEventType = ReplayCampaignEvent['type'];

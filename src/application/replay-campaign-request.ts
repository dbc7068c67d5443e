import type { RecordingReplayedData } from '../domain/replay-campaign/events.ts';
import type { ParkedShard } from './distribution/await-shards.ts';

export interface ReplayCampaignRequest {
  readonly campaign: string;
  /** Default: all of the store. */
  readonly recordings?: readonly string[] | undefined;
  /** Default: the first engine. */
  readonly engine?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((replayed: number, of: number) => void) | undefined;
}

export interface ReplayCampaignResult {
  readonly campaign: string;
  /** What each recording gave, in the campaign's order; those that are missing were parked, or the signal came first. */
  readonly replayed: readonly RecordingReplayedData[];
  readonly recordings: number;
  readonly parked: readonly ParkedShard[];
}

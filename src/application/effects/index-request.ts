import type { Control } from '../control.ts';

export interface IndexRequest extends Control {
  readonly recording: string;
  /** Instructions of a slice, whose effects are not told apart; default 2^20, or as the index has it. */
  readonly sliceLength?: number | undefined;
  /** Only chunks from one on, up to another. */
  readonly chunks?: { readonly from: number; readonly until: number } | undefined;
  /** Only chunks that can grow no more, whatever the recording does. */
  readonly whole?: boolean | undefined;
  /** The part of the recording to index, from 0 on, of how many. */
  readonly part?: { readonly index: number; readonly of: number } | undefined;
}

/** Left to the workers of the store. */
export type DistributedIndexRequest = Omit<IndexRequest, 'part' | 'chunks' | 'whole'>;

/** Goes on while the recording grows. */
export interface FollowRequest extends Omit<IndexRequest, 'part' | 'whole'> {
  /** Aborts when nobody records any more, whether or not the recording has an end. */
  readonly abandoned?: AbortSignal | undefined;
}

export interface IndexResult {
  readonly recording: string;
  /** Instructions of the recording, and of the parts of it whose effects are known. */
  readonly icount: number;
  readonly indexed: number;
  /** Chunks made now, and all there are. */
  readonly made: number;
  readonly chunks: number;
  /** Bytes of the effects stored, before compression. */
  readonly bytes: number;
  /** States stored with them. */
  readonly states: number;
  /** What was found damaged or missing, and made again. */
  readonly damage: readonly string[];
}

/** Instructions that are indexed in the time that another process takes to start. */
const startingCost = 2 ** 28;

/** How many processes of up to `jobs` are worth starting for a recording of `icount` instructions. */
export const jobsThatPay = (icount: number, jobs: number): number =>
  Math.max(1, Math.min(jobs, Math.floor(icount / startingCost)));

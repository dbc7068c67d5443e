import type { Digest } from '../shared/digest.ts';
import type { DomainEvent } from '../shared/event.ts';

/** What can happen to the index of a recording’s effects. It can be made again from the recording at any time. */

/** An index was begun. */
export interface IndexBegunData {
  /** The id of the recording's first event: an index belongs to one recording, not to whichever has its name. */
  readonly recording: string;
  /** Instructions of a slice, whose effects are not told apart. */
  readonly sliceLength: number;
  /** Slices of a chunk. */
  readonly chunkSlices: number;
}

/** A state to start from. */
export interface IndexedState {
  readonly icount: number;
  /** Host replies that the guest had been given by then. */
  readonly replies: number;
  /** The manifest of a checkpoint, as in a recording. */
  readonly snapshot: Digest;
}

/** A chunk's effects were stored. */
export interface ChunkIndexedData {
  /** The chunk's number, from 0 on. */
  readonly chunk: number;
  /** The instruction count up to which its effects are known: the chunk's end, or the recording's. */
  readonly until: number;
  /** The blob with the effects, and its bytes. */
  readonly content: Digest;
  readonly size: number;
  /** States within the chunk, in order. */
  readonly states: readonly IndexedState[];
}

/** A chunk's effects turned out to be missing or damaged. */
export interface ChunkLostData {
  readonly chunk: number;
  readonly content: Digest;
  /** What was wrong. */
  readonly reason: string;
}

export type EffectsIndexEvent =
  | DomainEvent<'IndexBegun', 1, IndexBegunData>
  | DomainEvent<'ChunkIndexed', 1, ChunkIndexedData>
  | DomainEvent<'ChunkLost', 1, ChunkLostData>;

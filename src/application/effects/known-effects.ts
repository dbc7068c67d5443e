import type { EffectsChunk } from './effects-chunk.ts';

/** A chunk's effects, and where its slices lie. */
export interface PlacedChunk {
  /** The instruction count at which its first slice begins. */
  readonly from: number;
  readonly sliceLength: number;
  readonly effects: EffectsChunk;
}

/** What is known of a recording's effects without replaying it. */
export interface KnownEffects {
  /** Whether anything is. */
  readonly exists: boolean;
  /** What could not be used, in words. */
  readonly damage: readonly string[];
  /** The chunks that are known, in order. */
  chunks(): AsyncIterable<PlacedChunk>;
}

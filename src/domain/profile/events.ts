import type { BlockFeatures } from '../guidance/block-features.ts';
import type { Digest } from '../shared/digest.ts';
import type { DomainEvent } from '../shared/event.ts';

/**
 * What can happen to a program's profile: which of its basic blocks are entered often. The stream is `profile-<SHA-256 of
 * the program>`; a block is known by its place and by its content, so a profile never speaks of other code.
 */

/** A basic block that was entered often. */
export interface ProfiledBlock {
  readonly address: number;
  /** SHA-256 of its code. */
  readonly code: Digest;
  readonly features: BlockFeatures;
  /** Instructions that the machine had retired when the block was entered first. */
  readonly firstSeen: number;
  /** The same when it had been entered as often as each of the milestones says, as far as it was: 1024, 4096, 16384 … times. */
  readonly milestones: readonly number[];
}

/** The blocks of a recording were counted. */
export interface ProfileTakenData {
  /** The instruction set: `riscv64`. */
  readonly isa: string;
  /** Execution mode within the instruction set: `user`. */
  readonly mode: string;
  /** The recording of which this is a projection. */
  readonly recording: string;
  /** How much of it was counted. */
  readonly instructions: number;
  readonly blocks: readonly ProfiledBlock[];
}

export type ProfileEvent = DomainEvent<'ProfileTaken', 1, ProfileTakenData>;

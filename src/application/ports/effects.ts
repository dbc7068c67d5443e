import type { GuestFactory } from './guest-factory.ts';

/** Bytes of guest memory that are told apart when accesses to it are marked. */
export const granuleSize = 8;
/** Bytes of guest code that are told apart when executed instructions are marked. */
export const codeUnit = 2;

/** What of a page was marked: bit `n % 8` of byte `n / 8` stands for its `n`th granule or code unit. */
export interface PageMarks {
  /** Address / 4096. */
  readonly page: number;
  readonly marks: Uint8Array;
}

/**
 * What guests did between two instants, all address spaces together. Law: whatever was accessed or executed is in it; some of
 * what is in it may not have been, where code was left early.
 */
export interface Effects {
  /** By granule, pages ascending. */
  readonly reads: readonly PageMarks[];
  readonly writes: readonly PageMarks[];
  /** By code unit: where instructions begin that were executed. */
  readonly executed: readonly PageMarks[];
  /** Registers that instructions read and wrote: bit `n` stands for the `n`th slot of the state layout. */
  readonly registersRead: bigint;
  readonly registersWritten: bigint;
}

/** Guests that mark what they do, at some cost. */
export interface MarkingGuests {
  readonly guests: GuestFactory;
  /** What all guests of the factory did since the last call. */
  take(): Effects;
}

import type { GuestFactory } from './guest-factory.ts';

/** Bytes of guest memory that are told apart when accesses to it are marked. */
export const granuleSize = 8;
/** Bytes of guest code that are told apart when executed instructions are marked. */
export const codeUnit = 2;

/** What of pages was marked, in columns. */
export interface PageMarks {
  /** Address / 4096, ascending. */
  readonly pages: Uint32Array;
  /** A set for each of the pages, in their order: bit `n % 8` of byte `n / 8` stands for a page's `n`th granule or code unit. */
  readonly marks: Uint8Array;
}

/** No pages. */
export const noMarks: PageMarks = { pages: new Uint32Array(0), marks: new Uint8Array(0) };

/**
 * What guests did between two instants, all address spaces together. Law: whatever was accessed or executed is in it; some of
 * what is in it may not have been, where code was left early.
 */
export interface Effects {
  /** By granule. */
  readonly reads: PageMarks;
  readonly writes: PageMarks;
  /** By code unit: where instructions begin that were executed. */
  readonly executed: PageMarks;
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

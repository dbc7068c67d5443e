import type { Digest } from '../shared/digest.ts';
import type { DomainEvent } from '../shared/event.ts';

/**
 * What can happen to a translation block: a run of guest code, named by its content. The stream of a block is
 * `translation-block-<identity>`, so what was found out about it holds for every program that contains it.
 */

/** The block's code was lifted to IR that the verifier accepts. The first event of every stream. */
export interface BlockLiftedData {
  /** The instruction set: `riscv64`. */
  readonly isa: string;
  /** Execution mode within the instruction set: `user`. */
  readonly mode: string;
  /** The code, hexadecimal, in memory order. */
  readonly code: string;
  readonly instructions: number;
}

/** An engine made code of the block. */
export interface BlockTranslatedData {
  /** The engine's name: `wasm`. */
  readonly engine: string;
  /** SHA-256 of the generated code. */
  readonly output: Digest;
  /** Bytes of generated code. */
  readonly size: number;
}

/** The block was translated again, at a higher tier. */
export interface BlockPromotedData {
  readonly engine: string;
  readonly tier: number;
}

/** The block ran on sampled states and agreed with its reference on each. */
export interface BlockVerifiedData {
  readonly engine: string;
  /** What it was held against: `golden`, an oracle's name. */
  readonly reference: string;
  readonly samples: number;
  /** The seed of the samples. */
  readonly seed: string;
}

/** A solver showed the translation equal to the original for all inputs. */
export interface BlockProvedData {
  readonly engine: string;
  readonly solver: string;
}

/** A state was found on which translation and reference differ. */
export interface BlockRefutedData {
  readonly engine: string;
  readonly reference: string;
  /** The digest of the counterexample's state, a blob. */
  readonly counterexample: Digest;
}

/** The guest changed the code where it lay; the engine dropped its translation. */
export interface BlockInvalidatedData {
  readonly engine: string;
}

export type TranslationBlockEvent =
  | DomainEvent<'BlockLifted', 1, BlockLiftedData>
  | DomainEvent<'BlockTranslated', 1, BlockTranslatedData>
  | DomainEvent<'BlockPromoted', 1, BlockPromotedData>
  | DomainEvent<'BlockVerified', 1, BlockVerifiedData>
  | DomainEvent<'BlockProved', 1, BlockProvedData>
  | DomainEvent<'BlockRefuted', 1, BlockRefutedData>
  | DomainEvent<'BlockInvalidated', 1, BlockInvalidatedData>;

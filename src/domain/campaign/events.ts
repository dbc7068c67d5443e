import type { DomainEvent } from '../shared/event.ts';
import type { DivergentField } from '../virtual-machine/divergence.ts';
import type { Coverage } from './coverage.ts';

/**
 * What can happen to a verification campaign. Laws: everything here is a function of the campaign's setup and of
 * what was tested: no wall clock, no order of shards; so a campaign that was cut off and resumed has the same events
 * as one that was not, but for their order.
 */

/** What is claimed of the instructions. */
export type Relation =
  /** The engines under test do what the reference engine does. */
  | 'engine'
  /** The reference does the same with optimised IR as with the IR as it is written. */
  | 'optimised'
  /** An engine does what an oracle that shares no code with us does. */
  | 'oracle'
  /** What encodings are, and how they are written, is what independent disassemblers say. */
  | 'disassembly'
  /**
   * Encoding what was decoded gives the same word, and decoding what was encoded the same fields. Where the reference is an oracle: the
   * encoding is the one that an independent assembler gives the text.
   */
  | 'encoding'
  /** Assembling what was disassembled gives the same word. */
  | 'assembly';

/** What determines a campaign. The first event of every stream. */
export interface CampaignStartedData {
  /** The instruction set: `riscv64`. */
  readonly isa: string;
  /** What was asked for: instruction sets, extensions and instructions by name. */
  readonly subjects: readonly string[];
  /** The instructions that those are, in the table's order. */
  readonly instructions: readonly string[];
  readonly relation: Relation;
  /** What is put to the test: engines by name, or `isa` for relations about encodings. */
  readonly tested: readonly string[];
  /** What it is held against: the reference engine, oracles with their versions, or `isa`. */
  readonly reference: string;
  /** The most instructions of a generated block; 1: single instructions. */
  readonly blockLength: number;
  /** With the shard's number, all that a shard's inputs depend on. */
  readonly seed: string;
  readonly shards: number;
  /** Cases of each instruction in a shard; with blocks, of blocks that begin with it. */
  readonly casesPerShard: number;
}

/** A case on which what was tested and its reference part, shrunk. Appended together with its shard's end. */
export interface CounterexampleFoundData {
  readonly shard: number;
  /** The instruction whose cases were being tried. */
  readonly instruction: string;
  /** Which of those under test differed. */
  readonly tested: string;
  /** What was generated, before it was shrunk, as assembly. */
  readonly original: string;
  /** The shrunk instructions as assembly. */
  readonly listing: readonly string[];
  /** The case as one line; after `=>` is what the reference says. */
  readonly case: string;
  /** Everything that differs, first difference first. */
  readonly differences: readonly DivergentField[];
}

/** All cases of a shard were tried. */
export interface ShardVerifiedData {
  readonly shard: number;
  readonly cases: number;
  /** Counterexamples found in this shard. */
  readonly counterexamples: number;
  /** Cases that differ as a known fault of the oracle does. */
  readonly knownDifferences: number;
  readonly coverage: Coverage;
}

/** Every shard was verified. The last event. */
export interface CampaignCompletedData {
  readonly verdict: 'holds' | 'refuted';
  readonly cases: number;
  readonly counterexamples: number;
}

export type CampaignEvent =
  | DomainEvent<'CampaignStarted', 1, CampaignStartedData>
  | DomainEvent<'CounterexampleFound', 1, CounterexampleFoundData>
  | DomainEvent<'ShardVerified', 1, ShardVerifiedData>
  | DomainEvent<'CampaignCompleted', 1, CampaignCompletedData>;

export type CampaignEventType = CampaignEvent['type'];

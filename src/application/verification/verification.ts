import type { CampaignState } from '../../domain/campaign/campaign.ts';
import type { Relation } from '../../domain/campaign/events.ts';
import type { ExecutedSubject } from '../proofs/executed-subject.ts';
import type { ParkedShard } from '../distribution/await-shards.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';

export interface VerifyRequest {
  /** Instruction sets, extensions and instructions by name; default: the whole instruction set. */
  readonly subjects?: readonly string[] | undefined;
  /** A program or recording whose blocks are the subject, instead of instructions; of the relations `engine` and `optimised`. */
  readonly executed?: ExecutedSubject | undefined;
  /** Default `engine`. */
  readonly relation?: Relation | undefined;
  /** The engines to test, by name or by its part before the colon; default: all but the reference. */
  readonly engines?: readonly string[] | undefined;
  /**
   * The oracle to ask, by name: of the relation `oracle` (default: the first that is installed), of `disassembly` (default: all that are
   * installed vote), of `encoding` (default: none).
   */
  readonly oracle?: string | undefined;
  /** Cases of each instruction, at least; default {@link defaultCases}. */
  readonly cases?: number | undefined;
  /** Cases of a shard, all instructions together, about; default {@link defaultShardSize}. */
  readonly shardSize?: number | undefined;
  /** Shards at least; default 1. */
  readonly shards?: number | undefined;
  /** The most instructions of a generated block; default 1: single instructions. */
  readonly blockLength?: number | undefined;
  /** Default `0`. */
  readonly seed?: string | undefined;
  /** The name under which the campaign is recorded and resumed; without one, nothing is kept. */
  readonly campaign?: string | undefined;
  /** Verify every `of`-th shard only, from `index` on. */
  readonly part?: { readonly index: number; readonly of: number } | undefined;
  /** Offer the shards to the store's workers and wait for them, instead of verifying here; needs a campaign's name. */
  readonly distribute?: boolean | undefined;
  /** Aborting stops after the instruction being tried; the shards verified so far are kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerificationProgress) => void) | undefined;
}

export interface VerificationProgress {
  /** Instructions that the program has executed so far, before anything is tried. */
  readonly executing?: number | undefined;
  readonly cases: number;
  readonly total: number;
  readonly counterexamples: number;
}

export type StartedCampaign = Exclude<CampaignState, { readonly status: 'absent' }>;

export interface VerificationResult {
  readonly campaign: string | undefined;
  /** Everything found, as the events say it. */
  readonly state: StartedCampaign;
  /** Shards that had been verified before. */
  readonly resumedFrom: number;
  /** Instructions that the oracle cannot be asked about. */
  readonly notAsked: readonly string[];
  /** Legal classes of encodings that no case had: `add rs2 = x31`. */
  readonly untried: readonly string[];
  /** Those that no case can have, for the oracle cannot be asked about them. */
  readonly unreachable: readonly string[];
  /** Shards that no worker could do. */
  readonly parked: readonly ParkedShard[];
}

/** What an engine makes of a case. */
export interface CaseResult {
  readonly engine: string;
  /** What differs from the case's line; nothing: the engine does as it says. */
  readonly differences: readonly DivergentField[];
}

/** The case's line and what engines make of it. */
export interface CaseReport {
  readonly listing: readonly string[];
  readonly results: readonly CaseResult[];
}

/** An oracle, as this machine has it. */
export interface OracleFact {
  /** What it is asked for by. */
  readonly name: string;
  /** For which relation. */
  readonly relation: Relation;
  /** What it calls itself, with its version; undefined where it is absent. */
  readonly version: string | undefined;
  /** Why it cannot be asked here; or what it cannot be asked about. */
  readonly lacks: string | undefined;
}

/** Verification of instruction translation over one store. Rejects with VerificationError and the store's faults. */
export interface Verification {
  /** The engines under test by name, the reference last. */
  readonly engines: readonly string[];
  /** Instruction sets, extensions and instructions. */
  readonly subjects: readonly string[];
  /** All oracles, whether they are installed or not. */
  oracles(): Promise<readonly OracleFact[]>;
  verify(request: VerifyRequest): Promise<VerificationResult>;
  /** Runs a case's line on the engines named (default: all). */
  checkCase(line: string, engines?: readonly string[]): CaseReport;
  /** A case as a program of its own, an ELF image, that begins in the case's state. */
  caseProgram(line: string): Uint8Array;
}

/** Cases of each instruction, unless asked otherwise: a second or two for the whole instruction set. */
export const defaultCases = 200;

/** Some seconds of work, so that a kill costs little and events stay few. */
export const defaultShardSize = 128_000;

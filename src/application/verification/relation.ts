import type { Counterexample } from '../../domain/campaign/campaign.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import type { Random } from './generators/random.ts';

/** What trying cases of one instruction gave. */
export interface RowResult {
  readonly cases: number;
  readonly knownDifferences: number;
  /** The first failure, shrunk; trying stopped there. */
  readonly counterexample: Counterexample | undefined;
}

/** A claim about instructions, ready to be tried. */
export interface Relation {
  /** Tries `cases` cases of an instruction; what they are depends on `random` alone. */
  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult;
}

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

/** What a campaign tries one after the other: instructions, or the blocks of a program. */
export interface Named {
  readonly name: string;
}

/** A claim, ready to be tried. */
export interface Relation<Unit extends Named = Row> {
  /** Tries `cases` cases of an instruction or block; what they are depends on `random` alone. */
  verify(unit: Unit, random: Random, cases: number, coverage: CoverageCounter): RowResult;
}

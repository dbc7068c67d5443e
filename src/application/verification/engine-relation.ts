import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { CoverageCounter } from './coverage-counter.ts';
import { EngineTrial, type EngineTrialParts } from './engine-trial.ts';
import { EncodingAims } from './generators/encoding-aims.ts';
import type { Random } from './generators/random.ts';
import { block, type BlockRows, blockRows, type Sample, singleInstruction } from './generators/samples.ts';
import { StateSource } from './generators/states.ts';
import type { Relation, RowResult } from './relation.ts';

export interface EngineRelationOptions extends EngineTrialParts {
  /** 1: single instructions. */
  readonly blockLength: number;
  /** The rows that blocks are made of. */
  readonly rows: readonly Row[];
}

/**
 * States drawn for one piece of code, of so many cases: placing and translating it costs as much as running it some dozen times. A few
 * cases of single instructions should reach all classes of encodings.
 */
const statesPerCode = (cases: number, blockLength: number): number =>
  Math.min(64, blockLength === 1 && cases < 512 ? Math.max(8, cases >> 4) : Math.max(16, cases >> 3));

/** Engines do what the reference engine does, in everything that a guest can see. */
export class EngineRelation implements Relation {
  readonly #isa: InstructionTable;
  readonly #blockLength: number;
  readonly #rows: BlockRows;
  readonly #trial: EngineTrial;

  constructor(options: EngineRelationOptions) {
    this.#isa = options.isa;
    this.#blockLength = options.blockLength;
    this.#rows = blockRows(options.isa, options.rows);
    this.#trial = new EngineTrial(options);
  }

  verify(row: Row, random: Random, cases: number, coverage: CoverageCounter): RowResult {
    const source = new StateSource(this.#isa.layout, random);
    const aims = new EncodingAims(row);
    const perSample = statesPerCode(cases, this.#blockLength);
    let done = 0;
    while (done < cases) {
      const sample = this.#sample(random, row, aims);
      if (!sample) break;
      for (const instruction of sample.instructions) coverage.countEncoding(instruction);
      const tried = this.#trial.run(row.name, sample, source, Math.min(perSample, cases - done), coverage);
      done += tried.cases;
      if (tried.counterexample)
        return { cases: done, knownDifferences: 0, counterexample: tried.counterexample };
    }
    return { cases: done, knownDifferences: 0, counterexample: undefined };
  }

  #sample(random: Random, row: Row, aims: EncodingAims): Sample | undefined {
    return this.#blockLength === 1
      ? singleInstruction(random, this.#isa, row, aims)
      : block(random, this.#isa, row, this.#rows, this.#blockLength, aims);
  }
}

import type { Coverage } from '../../domain/campaign/coverage.ts';
import { encodingClasses } from '../../domain/isa/riscv64/encoding-classes.ts';
import type { Input } from './generators/inputs.ts';
import type { SampledInstruction } from './generators/sampled-instruction.ts';
import { operandClass } from './operand-class.ts';

/** Stands in the place of an outcome where classes of encodings are counted. */
export const encodings = 'encodings';

/** Counts what was tried: instruction by class of operand by outcome, and by class of encoding. */
export class CoverageCounter {
  readonly #counts = new Map<string, Map<string, Map<string, number>>>();

  /** One state of an instruction that ended so. */
  countState(name: string, inputs: readonly Input[], view: DataView, outcome: string): void {
    if (inputs.length === 0) this.count(name, 'no operand', outcome);
    for (const input of inputs) this.count(name, operandClass(input, view), outcome);
  }

  /** One encoding of an instruction. */
  countEncoding({ row, fields }: Omit<SampledInstruction, 'profile'>): void {
    for (const each of encodingClasses(row))
      if (each.includes(fields)) this.count(row.name, each.name, encodings);
  }

  count(name: string, kind: string, outcome: string): void {
    let kinds = this.#counts.get(name);
    if (!kinds) this.#counts.set(name, (kinds = new Map()));
    let outcomes = kinds.get(kind);
    if (!outcomes) kinds.set(kind, (outcomes = new Map()));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  get coverage(): Coverage {
    return Object.fromEntries(
      [...this.#counts].map(([name, kinds]) => [
        name,
        Object.fromEntries([...kinds].map(([kind, outcomes]) => [kind, Object.fromEntries(outcomes)])),
      ]),
    );
  }
}

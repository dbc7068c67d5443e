import type { Coverage } from '../../domain/campaign/coverage.ts';
import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { rangeOf } from '../../domain/isa/encoder.ts';
import type { Input } from './generators/inputs.ts';
import { registerField } from './generators/instructions.ts';
import type { SampledInstruction } from './generators/samples.ts';
import { operandClass } from './operand-class.ts';

/** Counts what was tried: instruction by class of operand by outcome, and the corners of each encoding's fields. */
export class CoverageCounter {
  readonly #counts = new Map<string, Map<string, Map<string, number>>>();

  /** One state of an instruction that ended so. */
  countState(name: string, inputs: readonly Input[], view: DataView, outcome: string): void {
    if (inputs.length === 0) this.count(name, 'no operand', outcome);
    for (const input of inputs) this.count(name, operandClass(input, view), outcome);
  }

  /** One encoding of an instruction. */
  countEncoding({ row, fields }: Omit<SampledInstruction, 'profile'>): void {
    const seen = new Map<number, string>();
    for (const field of row.encoding.fields) {
      const value = fields[field.name]!;
      const other = registerField.test(field.name) ? seen.get(value) : undefined;
      this.count(row.name, `${field.name} ${cornerOf(field, value)}`, 'encodings');
      if (other !== undefined) this.count(row.name, `${field.name} = ${other}`, 'encodings');
      if (registerField.test(field.name)) seen.set(value, field.name);
    }
    if (row.encoding.fields.length === 0) this.count(row.name, 'no field', 'encodings');
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

type Field = InstructionTable['rows'][number]['encoding']['fields'][number];

export function cornerOf(field: Field, value: number): 'lowest' | 'highest' | 'zero' | 'between' {
  const { lowest, highest } = rangeOf(field);
  if (value === lowest) return 'lowest';
  if (value === highest) return 'highest';
  return value === 0 ? 'zero' : 'between';
}

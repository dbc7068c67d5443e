import { layout } from '../../domain/isa/riscv64/state.ts';
import type { Counterexample } from '../../domain/campaign/campaign.ts';
import { defaultOf, parseCase, slotText, valueText } from './case-line.ts';

/** One line of two states next to each other. */
export interface ComparedField {
  readonly field: string;
  readonly before: string;
  readonly expected: string;
  readonly found: string;
  readonly differs: boolean;
}

/** Every field that a counterexample sets, changes or differs in: before, as expected, as found. */
export function sideBySide({ case: line, differences }: Counterexample): readonly ComparedField[] {
  const differing = new Map(differences.map((each) => [each.field, each]));
  if (!line.includes('=>')) return differences.map((each) => ({ ...each, before: '', differs: true }));
  const { before, after } = parseCase('counterexample', line);
  const fields: ComparedField[] = [];
  const unnamed = [...layout.slots.keys()].filter((slot) => differing.has(slotText(slot)));
  const slots = new Set([...before.slots.keys(), ...after.slots.keys(), ...unnamed]);
  for (const slot of slots) {
    const field = slotText(slot);
    const given = before.slots.get(slot) ?? defaultOf(slot);
    const difference = differing.get(field);
    differing.delete(field);
    fields.push({
      field,
      before: valueText(given),
      expected: difference?.expected ?? valueText(after.slots.get(slot) ?? given),
      found: difference?.found ?? valueText(after.slots.get(slot) ?? given),
      differs: difference !== undefined,
    });
  }
  const rest = [...differing.values()].map((each) => ({ ...each, before: '', differs: true }));
  return [...fields, ...rest];
}

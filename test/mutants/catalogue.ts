import { codeGeneration } from './catalogue/code-generation.ts';
import { extensions } from './catalogue/extensions.ts';
import { optimiser } from './catalogue/optimiser.ts';
import { recording } from './catalogue/recording.ts';
import { reference } from './catalogue/reference.ts';
import { semantics } from './catalogue/semantics.ts';
import type { Mutant } from './mutant.ts';

/** Every seeded fault. */
export const mutants: readonly Mutant[] = [
  ...semantics,
  ...extensions,
  ...reference,
  ...optimiser,
  ...codeGeneration,
  ...recording,
];

export function mutantNamed(id: string): Mutant {
  const found = mutants.find((mutant) => mutant.id === id);
  if (found === undefined) throw new Error(`there is no mutant named ${JSON.stringify(id)}`);
  return found;
}

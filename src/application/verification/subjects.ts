import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import { VerificationError } from './verification-error.ts';

/** An instruction set whose rows are grouped into extensions. */
export type ExtendedIsa = InstructionTable & { readonly extensions: ReadonlyMap<string, readonly Row[]> };

/** The rows that the names stand for, in the table's order; without names, all. Throws `unknown-subject`. */
export function rowsOf(isa: ExtendedIsa, subjects: readonly string[]): readonly Row[] {
  if (subjects.length === 0) return isa.rows;
  const wanted = new Set(subjects.flatMap((subject) => named(isa, subject)));
  return isa.rows.filter((row) => wanted.has(row));
}

function named(isa: ExtendedIsa, subject: string): readonly Row[] {
  if (subject === isa.name) return isa.rows;
  const extension = isa.extensions.get(subject);
  if (extension) return extension;
  const row = isa.row(subject);
  if (row) return [row];
  throw new VerificationError(
    'unknown-subject',
    `there is no instruction set, extension or instruction named ${JSON.stringify(subject)}; the extensions are ${[...isa.extensions.keys()].join(', ')}`,
    { subject },
  );
}

export const subjectNames = (isa: ExtendedIsa): readonly string[] => [
  isa.name,
  ...isa.extensions.keys(),
  ...isa.rows.map(({ name }) => name),
];

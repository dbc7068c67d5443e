import type { BlockBuilder } from '../ir/builder.ts';
import { once } from '../shared/once.ts';
import type { Encoding } from './encoding.ts';
import { type BitPattern, type Fields, type FieldsOf, parsePattern } from './pattern.ts';

/**
 * One instruction, written once: everything else (decoder, encoder, assembler, disassembler, evaluator, translators)
 * derives from the row.
 *
 * To add an instruction: (1) write its row in the file of its extension, columns aligned; (2) put its manual section
 * in `spec`; (3) add a line to that extension's file under test/conformance. The table's construction rejects a row
 * that overlaps another, and a test fails for a row without a case.
 */
export interface Row<E extends Encoding = BitPattern> {
  /** Unique in the ISA; usually the mnemonic. */
  readonly name: string;
  /** The pattern as written. */
  readonly pattern: string;
  /** Parsed when it is first asked for: most runs ask for none. Throws TypeError, naming the fault of the pattern. */
  readonly encoding: E;
  /** Assembly template; see assembly-template.ts. */
  readonly asm: string;
  /** The manual's section. */
  readonly spec: string;
  /** Builds the meaning from decoded fields. */
  semantics(ir: BlockBuilder, fields: Fields): void;
  /** For a compressed form: the instruction that it abbreviates, with that instruction's fields. */
  readonly expand?: (fields: Fields) => Expansion;
}

export type Expansion = readonly [name: string, fields: Fields];

export interface RowBody<P extends string> {
  readonly asm: string;
  readonly spec: string;
  /** Patterns whose words belong to other rows. */
  readonly except?: readonly string[];
  readonly semantics: (ir: BlockBuilder, fields: FieldsOf<P>) => void;
}

/** Writes one row; the parameters of `semantics` are inferred from the pattern. */
export function instruction<const P extends string>(name: string, pattern: P, body: RowBody<P>): Row {
  const { asm, spec, except } = body;
  const semantics = body.semantics as Row['semantics'];
  return rowOf({ name, pattern, asm, spec, semantics }, () => parsePattern(pattern, except));
}

function rowOf(row: Omit<Row, 'encoding'>, parse: () => BitPattern): Row {
  const encoding = once(parse);
  return {
    ...row,
    get encoding() {
      return encoding();
    },
  };
}

export interface CompressedBody<P extends string> {
  readonly asm: string;
  readonly spec: string;
  /** The full form's name and fields. */
  readonly as: (fields: FieldsOf<P>) => Expansion;
}

/**
 * Gives a function that writes rows which abbreviate rows of `full`: their meaning is the full form's, so it is
 * said once. The instruction length, and with it the link address, is the short form's.
 */
export function compressedFormsOf(full: readonly Row[]) {
  const byName = new Map(full.map((row) => [row.name, row]));
  return function compressed<const P extends string>(
    name: string,
    pattern: P,
    { asm, spec, as }: CompressedBody<P>,
  ): Row {
    const expand = as as (fields: Fields) => Expansion;
    const abbreviated = (fields: Fields): { readonly row: Row; readonly given: Fields } => {
      const [target, given] = expand(fields);
      const row = byName.get(target);
      if (!row) throw new TypeError(`${name} expands to ${target}, which has no row`);
      return { row, given };
    };
    const parse = (): BitPattern => {
      const encoding = parsePattern(pattern);
      const { row, given } = abbreviated(
        Object.fromEntries(encoding.fields.map((field) => [field.name, field.bias])),
      );
      const wanted = row.encoding.fields.map((field) => field.name).sort();
      if (wanted.join() !== Object.keys(given).sort().join())
        throw new TypeError(`${name} expands to ${row.name}, whose fields are ${wanted.join(', ')}`);
      return encoding;
    };
    const semantics: Row['semantics'] = (ir, fields) => {
      const { row, given } = abbreviated(fields);
      row.semantics(ir, given);
    };
    return rowOf({ name, pattern, asm, spec, expand, semantics }, parse);
  };
}

import type { BlockBuilder } from '../ir/builder.ts';
import type { StateLayout } from '../ir/types.ts';
import { once } from '../shared/once.ts';
import { refuse, type Result } from '../shared/result.ts';
import { type AssemblyTemplate, parseTemplate, printTemplate, type SyntaxOf } from './assembly-template.ts';
import { buildDecodeTree, type DecodeTree } from './decode-tree.ts';
import { encode, type Encoded, type EncodingRefusal } from './encoder.ts';
import type { Decoded, DecodeResult, InstructionSet } from './instruction-set.ts';
import type { Row } from './instruction.ts';
import { extractField, type Fields } from './pattern.ts';

/** What an ISA adds to its rows. */
export interface TableOptions {
  readonly name: InstructionSet['name'];
  readonly layout: StateLayout;
  readonly rows: readonly Row[];
  /** Bytes of the longest encoding. */
  readonly maxLength: number;
  readonly alignment: number;
  readonly syntaxOf: SyntaxOf;
  /** The length in bytes that an instruction's low 16 bits announce; undefined where that length has no rows. */
  readonly lengthOf: (low: number) => number | undefined;
}

/** An instruction set that is its rows: the decoder, encoder and both sides of assembly derive from them. */
export interface InstructionTable extends InstructionSet {
  readonly rows: readonly Row[];
  row(name: string): Row | undefined;
  /** The parsed assembly template of a row of this table. */
  template(row: Row): AssemblyTemplate;
  encode(name: string, fields: Fields): Result<Encoded, EncodingRefusal>;
}

function namesOf(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const byName = new Map<string, Row>();
  for (const row of rows) {
    if (byName.has(row.name)) throw new TypeError(`instruction ${row.name} has two rows`);
    byName.set(row.name, row);
  }
  return byName;
}

function templatesOf({ rows, syntaxOf }: TableOptions): ReadonlyMap<Row, AssemblyTemplate> {
  const templates = new Map<Row, AssemblyTemplate>();
  for (const row of rows) {
    const fields = row.encoding.fields.map((field) => field.name);
    templates.set(row, parseTemplate(row.asm, fields, syntaxOf));
  }
  return templates;
}

/** By the bytes of an encoding. */
function treesOf({ rows, maxLength }: TableOptions): ReadonlyMap<number, DecodeTree> {
  const trees = new Map<number, DecodeTree>();
  for (const length of new Set(rows.map((row) => row.encoding.width / 8)))
    trees.set(length, buildDecodeTree(rows.filter((row) => row.encoding.width === length * 8)));
  if (Math.max(...trees.keys()) !== maxLength)
    throw new TypeError(`the longest encoding has ${Math.max(...trees.keys())} bytes, not ${maxLength}`);
  return trees;
}

/**
 * The table, whose parts are built when they are first needed. That throws TypeError: of the decoder, for overlapping rows or another length than
 * the longest encoding's; of the names, for one used twice; of assembly, for a template that names no field.
 */
export function buildInstructionTable(options: TableOptions): InstructionTable {
  const { name, layout, rows, alignment, maxLength, lengthOf } = options;
  const byName = once(() => namesOf(rows));
  const templates = once(() => templatesOf(options));
  const trees = once(() => treesOf(options));
  const templateOf = (row: Row) => templates().get(row)!;

  return {
    name,
    layout,
    rows,
    alignment,
    maxLength,
    row: (wanted) => byName().get(wanted),
    template: templateOf,
    encode(wanted, fields) {
      const row = byName().get(wanted);
      return row
        ? encode(row, fields)
        : refuse({ row: wanted, field: undefined, reason: `is no ${name} instruction` });
    },
    decode(bytes, offset = 0, end = bytes.length): DecodeResult {
      if (end - offset < 2) return 'truncated';
      const low = bytes[offset]! | (bytes[offset + 1]! << 8);
      const length = lengthOf(low);
      const tree = length === undefined ? undefined : trees().get(length);
      if (length === undefined || !tree) return 'illegal';
      if (end - offset < length) return 'truncated';
      const word = length === 2 ? low : (low | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0;
      const row = tree(word);
      return row ? new DecodedRow(row, word) : 'illegal';
    },
    disassemble(decoded, address) {
      const row = decoded instanceof DecodedRow ? decoded.row : byName().get(decoded.name);
      if (!row) throw new TypeError(`${decoded.name} is no ${name} instruction`);
      return printTemplate(templateOf(row), decoded.fields, address);
    },
  };
}

class DecodedRow implements Decoded {
  readonly row: Row;
  readonly fields: Fields;
  readonly length: number;
  readonly #word: number;

  constructor(row: Row, word: number) {
    const fields: Record<string, number> = {};
    for (const field of row.encoding.fields) fields[field.name] = extractField(field, word);
    this.row = row;
    this.fields = fields;
    this.length = row.encoding.width / 8;
    this.#word = word;
  }

  get name(): string {
    return this.row.name;
  }

  get bits(): bigint {
    return BigInt(this.#word);
  }

  lift(ir: BlockBuilder): void {
    this.row.semantics(ir, this.fields);
  }
}

import { BlockBuilder } from '../../../domain/ir/builder.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import { bytesOf, rangeOf, stepOf } from '../../../domain/isa/encoder.ts';
import type { InstructionTable } from '../../../domain/isa/instruction-table.ts';
import type { Row } from '../../../domain/isa/instruction.ts';
import type { BitField, Fields } from '../../../domain/isa/pattern.ts';
import { csrNames } from '../../../domain/isa/riscv64/csr-names.ts';
import { registerField } from '../../../domain/isa/riscv64/encoding-classes.ts';
import type { EncodingAims } from './encoding-aims.ts';
import type { Random } from './random.ts';

/** Legal encodings of a row, weighted to the corners of its fields and to operands that are one register. */

/** Restrictions that the place where an instruction runs puts on its fields. */
export interface FieldRules {
  /** Registers that must not be named. */
  readonly reservedRegisters: readonly number[];
  /** The CSRs to choose among. */
  readonly csrs: readonly number[];
  /** Whether aims may name this other one. */
  mayName(csr: number): boolean;
  /** Fixed values, such as a branch's distance. */
  readonly fixed: Fields;
}

/** CSRs that exist in user mode, twice, and others that do not. */
const userCsrs = [0x001, 0x002, 0x003, 0xc00, 0xc01, 0xc02];
export const anyRules: FieldRules = {
  reservedRegisters: [],
  csrs: [
    ...userCsrs,
    ...userCsrs,
    ...csrNames.map(([, address]) => address),
    0x000,
    0x004,
    0x7c0,
    0xc83,
    0xfff,
  ],
  mayName: () => true,
  fixed: {},
};

/** Registers 8 to 15 exist in compressed encodings too, so that operands of a block meet each other. */
function registerNumber(random: Random, field: BitField, chosen: readonly number[]): number {
  const { lowest, highest } = rangeOf(field);
  const kind = random.below(10);
  if (kind < 2 && chosen.length > 0) return random.pick(chosen);
  if (kind < 6) return 8 + random.below(8);
  if (kind === 6) return lowest;
  return lowest + random.below(highest - lowest + 1);
}

function fieldValue(random: Random, field: BitField, rules: FieldRules, chosen: readonly number[]): number {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  if (registerField.test(field.name)) return registerNumber(random, field, chosen);
  if (field.name === 'csr') return random.pick(rules.csrs);
  if (field.name === 'rm')
    return random.chance(95) ? random.pick([0, 1, 2, 3, 4, 7, 7]) : 5 + random.below(2);
  const uniform = () => lowest + step * random.below((highest - lowest) / step + 1);
  if (!random.chance(50)) return uniform();
  return random.pick([lowest, highest, 0, step, -step, highest - step, lowest + step, 8, -8, 31, 32]);
}

/** Random fields of a row that its encoding takes, led by `aims` where that can be; undefined where the rules leave none. */
export function randomFields(
  random: Random,
  isa: InstructionTable,
  row: Row,
  rules = anyRules,
  aims?: EncodingAims,
): Fields | undefined {
  const aimed = aims?.next(random) ?? {};
  const { csr } = aimed;
  const follows =
    Object.keys(aimed).length > 0 && (csr === undefined || rules.csrs.includes(csr) || rules.mayName(csr));
  const led = follows && fieldsWithin(random, isa, row, { ...rules, fixed: { ...aimed, ...rules.fixed } }, 8);
  return led || fieldsWithin(random, isa, row, rules, 200);
}

function fieldsWithin(
  random: Random,
  isa: InstructionTable,
  row: Row,
  rules: FieldRules,
  mostTries: number,
): Fields | undefined {
  for (let tries = 0; tries < mostTries; tries++) {
    const fields: Record<string, number> = {};
    const chosen: number[] = [];
    for (const field of row.encoding.fields) {
      const value = rules.fixed[field.name] ?? fieldValue(random, field, rules, chosen);
      fields[field.name] = value;
      if (registerField.test(field.name)) chosen.push(value);
    }
    if (chosen.some((register) => rules.reservedRegisters.includes(register))) continue;
    if (isa.encode(row.name, fields).ok) return fields;
  }
  return undefined;
}

/** The bytes of a row with fields that its encoding takes. */
export function encodeRow(isa: InstructionTable, row: Row, fields: Fields): Uint8Array {
  const encoded = isa.encode(row.name, fields);
  if (!encoded.ok)
    throw new TypeError(`${row.name}: ${encoded.error.field ?? 'fields'} ${encoded.error.reason}`);
  return bytesOf(encoded.value);
}

/** A row's meaning with these fields, as a block of its own. */
export function liftRow(isa: InstructionTable, row: Row, fields: Fields): IrBlock {
  const ir = new BlockBuilder(isa.layout);
  ir.instruction(row.encoding.width / 8);
  row.semantics(ir, fields);
  return ir.finish();
}

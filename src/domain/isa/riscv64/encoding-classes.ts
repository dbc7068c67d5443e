import { encode, rangeOf, stepOf } from '../encoder.ts';
import type { Row } from '../instruction.ts';
import type { BitField, Fields } from '../pattern.ts';
import { csrNames } from './csr-names.ts';

/**
 * The classes into which a row's legal encodings fall by what can go wrong with them: registers at the ends of their range (x0
 * above all) and equal to each other, immediates at their corners, each rounding mode, ordering and control register. Laws: every
 * legal encoding is in one class of each of its fields; a class has a legal encoding.
 */
export interface EncodingClass {
  /** Such as `rd = x0`, `rs1 = rs2`, `simm lowest`, `rm dyn`. */
  readonly name: string;
  /** Fields that put an encoding into the class, each one way to do so; the row's other fields are free. */
  readonly examples: readonly Fields[];
  includes(fields: Fields): boolean;
}

export const registerField = /^[rf](d|s\d)c?$/;

const known = new WeakMap<Row, readonly EncodingClass[]>();

export function encodingClasses(row: Row): readonly EncodingClass[] {
  let classes = known.get(row);
  if (!classes) known.set(row, (classes = classesOf(row)));
  return classes;
}

function classesOf(row: Row): readonly EncodingClass[] {
  const { fields } = row.encoding;
  if (fields.length === 0) return [{ name: 'the only encoding', examples: [{}], includes: () => true }];
  const registers = fields.filter(({ name }) => registerField.test(name));
  const pairs = registers
    .flatMap((one, at) => registers.slice(at + 1).map((other) => [one, other] as const))
    .filter(([one, other]) => one.name[0] === other.name[0]);
  const all = [
    ...fields.flatMap(classesOfField),
    ...pairs.map(([one, other]) => equalRegisters(one, other)),
    ...(pairs.length > 0 ? [distinctRegisters(pairs, registers)] : []),
  ];
  return all.flatMap((each) => {
    const examples = each.examples.filter((fixed) => hasEncoding(row, fixed));
    return examples.length === 0 ? [] : [{ ...each, examples }];
  });
}

/** Whether some choice of the other fields makes a legal encoding. */
function hasEncoding(row: Row, fixed: Fields): boolean {
  return [0, 0.5, 1].some((share) => {
    const fields: Record<string, number> = {};
    for (const field of row.encoding.fields) {
      const values = candidates(field);
      fields[field.name] = fixed[field.name] ?? values[Math.round(share * (values.length - 1))]!;
    }
    return encode(row, fields).ok;
  });
}

const mostValues = 4096;
const candidatesOf = new WeakMap<BitField, readonly number[]>();

/** Every value of a field that is not wide; of a wide one, the corners and some between, in order. */
function candidates(field: BitField): readonly number[] {
  const before = candidatesOf.get(field);
  if (before) return before;
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  const count = (highest - lowest) / step + 1;
  const values =
    count <= mostValues
      ? Array.from({ length: count }, (_, at) => lowest + at * step)
      : [lowest, lowest + step, -8 * step, -step, 0, step, 8 * step, highest - step, highest];
  const legal = values.filter((value) => value >= lowest && !field.forbidden.includes(value - field.bias));
  candidatesOf.set(field, legal);
  return legal;
}

const mostExamples = 16;

function classesOfField(field: BitField): readonly EncodingClass[] {
  const byClass = Map.groupBy(candidates(field), (value) => classOf(field, value));
  return [...byClass].map(([kind, values]) => ({
    name: `${field.name} ${kind}`,
    examples: values
      .filter((_, at) => at % Math.ceil(values.length / mostExamples) === 0)
      .map((value) => ({ [field.name]: value })),
    includes: (fields) => classOf(field, fields[field.name]!) === kind,
  }));
}

const roundingModes = ['rne', 'rtz', 'rdn', 'rup', 'rmm'];
const orderings = ['relaxed', 'rl', 'aq', 'aqrl'];
/** The registers that user mode has. */
const userCsrs = new Map(
  csrNames
    .filter(([, address]) => address <= 3 || (address >= 0xc00 && address <= 0xc02))
    .map(([name, address]) => [address, name]),
);
const namedCsrs = new Set(csrNames.map(([, address]) => address));

function classOf(field: BitField, value: number): string {
  const { lowest, highest } = rangeOf(field);
  switch (field.name) {
    case 'rm':
      return roundingModes[value] ?? 'dyn';
    case 'aqrl':
      return orderings[value]!;
    case 'csr':
      return userCsrs.get(value) ?? (namedCsrs.has(value) ? 'of other modes' : 'without a name');
    case 'shamt':
      return value === 31 || value === 32 ? `= ${value}` : cornerOf(value, lowest, highest);
    default:
      if (registerField.test(field.name))
        return value === lowest || value === highest
          ? `= ${field.name[0] === 'f' ? 'f' : 'x'}${value}`
          : 'between';
      return field.signed ? signedClass(field, value) : cornerOf(value, lowest, highest);
  }
}

function cornerOf(value: number, lowest: number, highest: number): string {
  if (value === lowest) return lowest === 0 ? '= 0' : 'lowest';
  return value === highest ? 'highest' : 'between';
}

function signedClass(field: BitField, value: number): string {
  const { lowest, highest } = rangeOf(field);
  if (value === lowest) return 'lowest';
  if (value === highest) return 'highest';
  if (value === 0 || Math.abs(value) === stepOf(field)) return `= ${value}`;
  return value < 0 ? 'negative' : 'positive';
}

function equalRegisters(one: BitField, other: BitField): EncodingClass {
  const shared = candidates(one).filter((value) => candidates(other).includes(value));
  return {
    name: `${one.name} = ${other.name}`,
    examples: shared.map((value) => ({ [one.name]: value, [other.name]: value })),
    includes: (fields) => fields[one.name] === fields[other.name],
  };
}

function distinctRegisters(
  pairs: readonly (readonly [BitField, BitField])[],
  registers: readonly BitField[],
): EncodingClass {
  return {
    name: 'distinct registers',
    // Registers 8 to 15 exist in compressed forms too.
    examples: [0, 1, 2, 3].map((first) =>
      Object.fromEntries(registers.map(({ name }, at) => [name, 8 + first + at])),
    ),
    includes: (fields) => pairs.every(([one, other]) => fields[one.name] !== fields[other.name]),
  };
}

import type { Random } from '../../src/application/verification/generators/random.ts';
import type { BitField } from '../../src/domain/isa/pattern.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';

/** An instruction as it lies in memory. */
export interface Word {
  readonly bits: number;
  readonly length: number;
}

const registerField = /^(rd|rs|fd|fs|r[1-3])/;
const corners = [0, 1, 2, 4, 8, 0x7fc, 0x7ff, 0x800, 0xff8, 0xfff, 0x1f, 0x3f];

/** Registers 8 to 15 exist in compressed encodings too, so most operands are those: values meet each other. */
function fieldValue(random: Random, field: BitField): number {
  if (registerField.test(field.name) && field.width === 5 && !random.chance(10)) return 8 + random.below(8);
  if (/^(rm|frm)$/.test(field.name) && random.chance(70)) return random.pick([0, 7]);
  if (field.width > 5 && random.chance(60)) return random.pick(corners) * random.pick([1, -1]);
  return random.next();
}

/** A random instruction of a random row; now and then a random word, which may be illegal. */
export function randomInstruction(random: Random): Word {
  if (random.chance(1)) return { bits: random.next(), length: 4 };
  const { encoding } = random.pick(riscv64.rows);
  if (encoding.kind !== 'bits') throw new TypeError('RISC-V rows are bit fields');
  let bits = encoding.match;
  for (const field of encoding.fields) {
    const value = fieldValue(random, field);
    for (const piece of field.pieces) bits |= ((value >> piece.field) & (2 ** piece.width - 1)) << piece.word;
  }
  return { bits: bits >>> 0, length: encoding.width / 8 };
}

const branchOf = (funct3: number, rs1: number, rs2: number, offset: number): number =>
  (((offset >> 12) & 1) << 31) |
  (((offset >> 5) & 0x3f) << 25) |
  (rs2 << 20) |
  (rs1 << 15) |
  (funct3 << 12) |
  (((offset >> 1) & 0xf) << 8) |
  (((offset >> 11) & 1) << 7) |
  0x63;

/** A random block: instructions, short branches between them, and an ecall at the end. */
export function randomBlock(random: Random, most: number): readonly Word[] {
  const words: Word[] = [];
  const count = 1 + random.below(most);
  for (let at = 0; at < count; at++) {
    if (!random.chance(12)) {
      words.push(randomInstruction(random));
      continue;
    }
    // To one of the instructions before or (all being two or four bytes) somewhere after.
    const back = random.chance(50);
    const distance = back
      ? -words.slice(random.below(words.length + 1)).reduce((sum, { length }) => sum + length, 0)
      : 4 * (1 + random.below(3));
    const funct3 = random.pick([0, 1, 4, 5, 6, 7]);
    words.push({ bits: branchOf(funct3, 8 + random.below(8), random.below(16), distance) >>> 0, length: 4 });
  }
  words.push({ bits: 0x73, length: 4 });
  return words;
}

export function bytesOf(words: readonly Word[]): Uint8Array {
  const bytes: number[] = [];
  for (const { bits, length } of words)
    for (let at = 0; at < length; at++) bytes.push((bits >>> (8 * at)) & 0xff);
  return Uint8Array.from(bytes);
}

const integerCorners = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
]
  .flatMap((value) => [value, BigInt.asUintN(64, -value)])
  .concat([1n << 63n, (1n << 63n) - 1n, 1n << 62n, (1n << 53n) + 1n]);

export function randomInteger(random: Random): bigint {
  if (random.chance(45)) return random.pick(integerCorners);
  if (random.chance(50)) return BigInt.asUintN(64, BigInt(random.next() | 0) >> BigInt(random.below(32)));
  return random.bits64();
}

const doubles = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  3,
  Infinity,
  NaN,
  5e-324,
  2 ** -1022,
  1.7976931348623157e308,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  1 / 3,
];

/** A double, a boxed single, or anything. */
export function randomFloat(random: Random): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const box = (bits: number) => 0xffff_ffff_0000_0000n | BigInt(bits >>> 0);
  switch (random.below(7)) {
    case 0:
      view.setFloat64(0, random.pick(doubles) * random.pick([1, -1]));
      return view.getBigUint64(0);
    case 1:
      view.setFloat32(0, random.pick(doubles) * random.pick([1, -1]));
      return box(view.getUint32(0));
    case 2:
      view.setFloat64(0, (random.next() / 2 ** 20) * random.pick([1, -1]) * 2 ** (random.below(60) - 30));
      return view.getBigUint64(0);
    case 3:
      view.setFloat32(0, (random.next() / 2 ** 20) * random.pick([1, -1]) * 2 ** (random.below(60) - 30));
      return box(view.getUint32(0));
    case 4:
      // Near the ends of the exponent range.
      return (
        (BigInt(random.pick([0, 1, 2, 0x7fd, 0x7fe, 0x7ff]) | (random.below(2) << 11)) << 52n) |
        (random.bits64() >> 12n)
      );
    case 5:
      return box(random.next());
    default:
      return random.bits64();
  }
}

import { edges } from '../world.ts';
import type { Random } from './random.ts';

/** Operand values: mostly from boundary sets, for that is where translations go wrong. */

const negated = (values: readonly bigint[]): readonly bigint[] =>
  values.flatMap((value) => [value, BigInt.asUintN(64, -value)]);

const integerCorners: readonly bigint[] = [
  ...negated([0n, 1n, 2n, 3n, 7n, 8n, 31n, 32n, 33n, 63n, 64n, 65n, 0x7fn, 0x80n, 0xffn, 0x100n]),
  ...negated([
    0x7fffn,
    0x8000n,
    0xffffn,
    0x7fff_fffen,
    0x7fff_ffffn,
    0x8000_0000n,
    0x8000_0001n,
    0xffff_ffffn,
  ]),
  ...negated([0x1_0000_0000n, 0x1_0000_0001n, (1n << 53n) + 1n, 1n << 62n, (1n << 63n) - 1n]),
  1n << 63n,
  0x5555_5555_5555_5555n,
  0x0102_0408_1020_4080n,
  0xffff_ffff_7fff_ffffn,
  0x8000_0000_8000_0000n,
];

export function integerValue(random: Random): bigint {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return random.pick(integerCorners);
    case 3:
      return BigInt.asUintN(64, random.pick(integerCorners) + BigInt(random.below(9) - 4));
    case 4:
      return BigInt.asUintN(64, BigInt(random.next() | 0) >> BigInt(random.below(32)));
    case 5: {
      const value = random.bits64() >> BigInt(random.below(64));
      return random.chance(50) ? value : BigInt.asUintN(64, ~value);
    }
    default:
      return random.bits64();
  }
}

/** Zero, subnormals, the ends of the normal range, one and its neighbours, integer limits, infinity, NaNs. */
// prettier-ignore
const doubleCorners: readonly bigint[] = [
  0n, 1n, 2n, 0xf_ffff_ffff_ffffn, 0x10_0000_0000_0000n, 0x10_0000_0000_0001n, 0x3ff0_0000_0000_0000n,
  0x3ff0_0000_0000_0001n, 0x3fef_ffff_ffff_ffffn, 0x3fe0_0000_0000_0000n, 0x3fe0_0000_0000_0001n, 0x3fdf_ffff_ffff_ffffn,
  0x3ff8_0000_0000_0000n, 0x4000_0000_0000_0000n, 0x4004_0000_0000_0000n, 0x41df_ffff_ffc0_0000n, 0x41df_ffff_ffe0_0000n,
  0x41e0_0000_0000_0000n, 0x41e0_0000_0020_0000n, 0x41ef_ffff_ffe0_0000n, 0x41f0_0000_0000_0000n, 0x43df_ffff_ffff_ffffn,
  0x43e0_0000_0000_0000n, 0x43ef_ffff_ffff_ffffn, 0x43f0_0000_0000_0000n, 0x36a0_0000_0000_0000n, 0x3690_0000_0000_0000n,
  0x380f_ffff_ffff_ffffn, 0x3810_0000_0000_0000n, 0x47ef_ffff_e000_0000n, 0x47ef_ffff_f000_0000n, 0x7fe0_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn, 0x7ff0_0000_0000_0000n, 0x7ff0_0000_0000_0001n, 0x7ff4_0000_0000_1234n, 0x7ff8_0000_0000_0000n,
  0x7ff8_0000_0000_0055n, 0x4340_0000_0000_0000n, 0x4340_0000_0000_0001n, 0x3ca0_0000_0000_0000n,
];
// prettier-ignore
const singleCorners: readonly number[] = [
  0, 1, 2, 0x7f_ffff, 0x80_0000, 0x80_0001, 0x3f80_0000, 0x3f80_0001, 0x3f7f_ffff, 0x3f00_0000, 0x3f00_0001,
  0x3eff_ffff, 0x3fc0_0000, 0x4000_0000, 0x4020_0000, 0x4eff_ffff, 0x4f00_0000, 0x4f7f_ffff, 0x4f80_0000, 0x5eff_ffff,
  0x5f00_0000, 0x5f7f_ffff, 0x5f80_0000, 0x7f00_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fa0_1234, 0x7fc0_0000,
  0x7fc0_0055, 0x4b80_0000, 0x4b80_0001, 0x3380_0000,
];

const box = (single: number): bigint => 0xffff_ffff_0000_0000n | BigInt(single >>> 0);
/** Significands next to a point half-way between two results, and all zeros or ones. */
const halfways = [0n, 1n, 0x8000_0000n, 0x7fff_ffffn, 0x1000_0000n, 0xfff_ffffn, 0xf_ffff_ffff_ffffn];

function double(random: Random): bigint {
  const sign = BigInt(random.below(2)) << 63n;
  switch (random.below(6)) {
    case 0:
    case 1:
      return random.pick(doubleCorners) | sign;
    case 2: // Near one, so that sums cancel and products round.
      return sign | (BigInt(0x3ff - 3 + random.below(7)) << 52n) | (random.bits64() >> 12n);
    case 3: // Half-way between neighbours, also of the narrower format.
      return (
        sign |
        (BigInt(0x3ff - 30 + random.below(60)) << 52n) |
        (random.pick(halfways) << BigInt(random.below(4)))
      );
    case 4: // Near the ends of the exponent range, subnormals included.
      return (
        sign | (BigInt(random.pick([0, 0, 1, 2, 0x7fd, 0x7fe, 0x7ff])) << 52n) | (random.bits64() >> 12n)
      );
    default:
      return random.bits64();
  }
}

function single(random: Random): bigint {
  const sign = random.below(2) << 31;
  switch (random.below(6)) {
    case 0:
    case 1:
      return box(random.pick(singleCorners) | sign);
    case 2:
      return box(sign | ((0x7f - 3 + random.below(7)) << 23) | (random.next() >>> 9));
    case 3:
      return box(
        sign | ((0x7f - 15 + random.below(30)) << 23) | random.pick([0, 1, 0x40_0000, 0x3f_ffff, 0x7f_ffff]),
      );
    case 4:
      return box(sign | (random.pick([0, 0, 1, 2, 0xfd, 0xfe, 0xff]) << 23) | (random.next() >>> 9));
    default:
      return box(random.next());
  }
}

export type Precision = 'single' | 'double';

/** A floating-point register's pattern; now and then one that holds no value of that precision. */
export const floatValue = (random: Random, precision: Precision): bigint =>
  (precision === 'single') === !random.chance(12) ? single(random) : double(random);

/** An address to access `size` bytes at: mostly near a boundary, on either side of it or across. */
export function addressValue(random: Random, size: number, aligned: boolean): bigint {
  const kind = random.below(20);
  if (kind === 0) return integerValue(random);
  const near = BigInt.asUintN(64, random.pick(edges) + BigInt(random.below(33) - 24));
  const address = kind < 8 ? 0x2000n + BigInt(random.below(0x2000 - 16)) : near;
  return aligned && !random.chance(15) ? address - (address % BigInt(size)) : address;
}

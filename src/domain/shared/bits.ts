/** Bit arithmetic on unsigned BigInt patterns. Laws: every result of width w lies in [0, 2^w). */

const masks: bigint[] = [];

/** 2^width − 1. */
export const maskOf = (width: number): bigint => (masks[width] ??= (1n << BigInt(width)) - 1n);

/** The low `width` bits of `value` (negative values wrap as two's complement). */
export const truncate = (value: bigint, width: number): bigint => BigInt.asUintN(width, value);

/** `value`'s low `width` bits read as two's complement. */
export const signed = (value: bigint, width: number): bigint => BigInt.asIntN(width, value);

/** Sign-extends a `from`-bit pattern to a `to`-bit pattern. */
export const signExtend = (value: bigint, from: number, to: number): bigint =>
  BigInt.asUintN(to, BigInt.asIntN(from, value));

/** Sign-extends the low `width` (≤ 32) bits of a number. */
export const signExtendNumber = (value: number, width: number): number => {
  const half = 2 ** (width - 1);
  const low = value % 2 ** width;
  return low >= half ? low - 2 ** width : low;
};

/** `0x…`, zero-padded to `width` bits when given. */
export const hex = (value: bigint | number, width = 0): string =>
  `0x${value.toString(16).padStart(Math.ceil(width / 4), '0')}`;

export function popCount(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/** The number of bits needed to write `value` (0 for 0). */
export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

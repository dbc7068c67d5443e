import { fpException } from '../ir/types.ts';
import type { Format, Rounded } from './format.ts';
import { canonicalNaN } from './round.ts';
import { layoutOf } from './unpack.ts';

/**
 * Comparison, minimum and maximum on bit patterns. Laws: −0 equals +0 in a comparison and is less in a minimum or
 * maximum; results are never rounded, so invalid is the only exception.
 */

const isNaN = (format: Format, bits: bigint): boolean => {
  const { infinity, fractionMask } = layoutOf(format);
  return (bits & (infinity | fractionMask)) > infinity;
};

const isSignaling = (format: Format, bits: bigint): boolean =>
  isNaN(format, bits) && (bits & layoutOf(format).quietBit) === 0n;

/** Where a number stands in the order of the format's numbers, −0 directly below +0. */
const rank = (format: Format, bits: bigint): bigint => {
  const { signBit } = layoutOf(format);
  return bits & signBit ? -1n - (bits ^ signBit) : bits;
};

/** Whether a = b, a < b or a ≤ b, as 0 or 1; false for NaN. `quiet` raises invalid for a signalling NaN only, `signaling` for any. */
export function compare(
  format: Format,
  relation: 'eq' | 'lt' | 'le',
  a: bigint,
  b: bigint,
  kind: 'quiet' | 'signaling',
): Rounded {
  if (isNaN(format, a) || isNaN(format, b)) {
    const invalid = kind === 'signaling' || isSignaling(format, a) || isSignaling(format, b);
    return { bits: 0n, flags: invalid ? fpException.invalid : 0 };
  }
  const bothZero = ((a | b) & ~layoutOf(format).signBit) === 0n;
  const less = !bothZero && rank(format, a) < rank(format, b);
  const equal = bothZero || a === b;
  const holds = relation === 'eq' ? equal : relation === 'lt' ? less : less || equal;
  return { bits: holds ? 1n : 0n, flags: 0 };
}

/** IEEE 754-2019 9.6 minimumNumber: the lesser number; the other operand when one is a NaN. */
export const minimumNumber = (format: Format, a: bigint, b: bigint): Rounded => extreme(format, a, b, -1);

/** IEEE 754-2019 9.6 maximumNumber: the greater number; the other operand when one is a NaN. */
export const maximumNumber = (format: Format, a: bigint, b: bigint): Rounded => extreme(format, a, b, 1);

function extreme(format: Format, a: bigint, b: bigint, direction: 1 | -1): Rounded {
  const flags = isSignaling(format, a) || isSignaling(format, b) ? fpException.invalid : 0;
  if (isNaN(format, a)) return { bits: isNaN(format, b) ? canonicalNaN(format) : b, flags };
  if (isNaN(format, b)) return { bits: a, flags };
  const aFirst = rank(format, a) < rank(format, b);
  return { bits: aFirst === direction < 0 ? a : b, flags };
}

import { bitLength } from '../shared/bits.ts';
import type { Format, Rounded, RoundingMode } from './format.ts';
import { infinite, nan, round, zero } from './round.ts';
import { layoutOf, unpack } from './unpack.ts';

/**
 * √a, rounded once (IEEE 754-2019 5.4.1). √−0 is −0; any other negative operand raises invalid. A root is never a
 * halfway case, and never overflows or underflows.
 */
export function sqrt(format: Format, a: bigint, mode: RoundingMode): Rounded {
  const x = unpack(format, a);
  if (x.kind === 'nan') return nan(format, x.signaling);
  if (x.kind === 'finite' && x.significand === 0n) return zero(format, x.negative);
  if (x.negative) return nan(format, true);
  if (x.kind === 'infinity') return infinite(format, false);
  // Scaled by an even power of two to a radicand of 2 × (precision + 2) bits or more.
  const missing = Math.max(0, 2 * (layoutOf(format).precision + 2) - bitLength(x.significand));
  const shift = missing + ((x.exponent - missing) & 1);
  const radicand = x.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const cutOff = root * root !== radicand;
  return round(format, false, cutOff ? root | 1n : root, (x.exponent - shift) / 2, mode);
}

/** ⌊√n⌋ by Newton's iteration, which falls monotonically from any start at or above the root. */
export function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

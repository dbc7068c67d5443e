import { fpException, rounding } from '../ir/types.ts';
import { bitLength, maskOf } from '../shared/bits.ts';
import type { Format, Rounded, RoundingMode } from './format.ts';
import { layoutOf } from './unpack.ts';

/**
 * The one place where a value loses bits. Laws: the result is the format's value that the mode selects for the
 * exact argument (IEEE 754-2019 4.3); inexact is raised exactly when it differs from the argument; underflow when
 * it is inexact and tiny, where tiny is judged after rounding with an unbounded exponent (7.5, the choice of RISC-V
 * and x86); overflow when that unbounded result is beyond the largest finite value (7.4), together with inexact.
 *
 * A value that has no finite expansion (a quotient, a root) is given truncated, with the last bit set when anything
 * was cut off. Rounding that is right as long as the significand has at least `precision + 2` bits: the last bit
 * then lies below the halfway bit.
 */

/** Rounds ±significand × 2^exponent, significand > 0, to `format`. */
export function round(
  format: Format,
  negative: boolean,
  significand: bigint,
  exponent: number,
  mode: RoundingMode,
): Rounded {
  const { precision, fractionShift, signBit, infinity, leastExponent } = layoutOf(format);
  const sign = negative ? signBit : 0n;
  const unbounded = exponent + bitLength(significand) - precision;
  const last = Math.max(unbounded, leastExponent);
  const kept = cut(significand, last - exponent, negative, mode);
  // The hidden bit of a normal significand adds one to the exponent field; so does a carry out of rounding.
  const bits = (BigInt(last - leastExponent) << fractionShift) + kept.significand;
  if (bits >= infinity)
    return {
      bits: sign | (overflowsToInfinity(negative, mode) ? infinity : infinity - 1n),
      flags: fpException.overflow | fpException.inexact,
    };
  if (!kept.inexact) return { bits: sign | bits, flags: 0 };
  const tiny = unbounded < leastExponent && !reachesNormal();
  return {
    bits: sign | bits,
    flags: tiny ? fpException.underflow | fpException.inexact : fpException.inexact,
  };

  /** Whether rounding to full precision carries a value just below the least normal number up to it. */
  function reachesNormal(): boolean {
    if (unbounded !== leastExponent - 1) return false;
    return bitLength(cut(significand, unbounded - exponent, negative, mode).significand) > precision;
  }
}

/** Drops the low `count` bits (adds zeros when negative), rounding what remains. */
export function cut(
  significand: bigint,
  count: number,
  negative: boolean,
  mode: RoundingMode,
): { readonly significand: bigint; readonly inexact: boolean } {
  if (count <= 0) return { significand: significand << BigInt(-count), inexact: false };
  const kept = significand >> BigInt(count);
  const rest = significand & maskOf(count);
  if (rest === 0n) return { significand: kept, inexact: false };
  const half = 1n << BigInt(count - 1);
  return { significand: roundsAway() ? kept + 1n : kept, inexact: true };

  function roundsAway(): boolean {
    switch (mode) {
      case rounding.nearestEven:
        return rest > half || (rest === half && (kept & 1n) === 1n);
      case rounding.nearestAway:
        return rest >= half;
      case rounding.towardZero:
        return false;
      case rounding.down:
        return negative;
      case rounding.up:
        return !negative;
    }
  }
}

const overflowsToInfinity = (negative: boolean, mode: RoundingMode): boolean =>
  mode === rounding.nearestEven ||
  mode === rounding.nearestAway ||
  mode === (negative ? rounding.down : rounding.up);

/** The quiet NaN with sign 0 and payload 0. */
export const canonicalNaN = (format: Format): bigint => layoutOf(format).infinity | layoutOf(format).quietBit;

/** A NaN result, raising invalid or nothing. */
export const nan = (format: Format, invalid: boolean): Rounded => ({
  bits: canonicalNaN(format),
  flags: invalid ? fpException.invalid : 0,
});

export const infinite = (format: Format, negative: boolean, flags = 0): Rounded => ({
  bits: layoutOf(format).infinity | (negative ? layoutOf(format).signBit : 0n),
  flags,
});

export const zero = (format: Format, negative: boolean): Rounded => ({
  bits: negative ? layoutOf(format).signBit : 0n,
  flags: 0,
});

import { fpException } from '../ir/types.ts';
import { maskOf, truncate } from '../shared/bits.ts';
import type { Format, Rounded, RoundingMode } from './format.ts';
import { cut, infinite, nan, round, zero } from './round.ts';
import { unpack } from './unpack.ts';

/** Conversions between formats and to and from integers (IEEE 754-2019 5.4.1, 5.8), each with one rounding. */

/**
 * `bits` as an integer of `width` bits, in two's complement. What does not fit (after rounding) saturates and
 * raises invalid alone; a NaN gives the largest integer.
 */
export function toInteger(
  format: Format,
  bits: bigint,
  mode: RoundingMode,
  width: number,
  kind: 'signed' | 'unsigned',
): Rounded {
  const greatest = maskOf(kind === 'signed' ? width - 1 : width);
  const least = kind === 'signed' ? -greatest - 1n : 0n;
  const saturated = (negative: boolean): Rounded => ({
    bits: truncate(negative ? least : greatest, width),
    flags: fpException.invalid,
  });
  const x = unpack(format, bits);
  if (x.kind === 'nan') return saturated(false);
  if (x.kind === 'infinity') return saturated(x.negative);
  const { significand, inexact } = cut(x.significand, -x.exponent, x.negative, mode);
  const value = x.negative ? -significand : significand;
  if (value < least || value > greatest) return saturated(x.negative);
  return { bits: truncate(value, width), flags: inexact ? fpException.inexact : 0 };
}

/** The integer `value` (of any size) as a number of `format`. */
export function fromInteger(format: Format, value: bigint, mode: RoundingMode): Rounded {
  if (value === 0n) return zero(format, false);
  return round(format, value < 0n, value < 0n ? -value : value, 0, mode);
}

/** `bits` of format `from` as a number of format `to`. A NaN becomes the canonical one. */
export function between(from: Format, to: Format, bits: bigint, mode: RoundingMode): Rounded {
  const x = unpack(from, bits);
  if (x.kind === 'nan') return nan(to, x.signaling);
  if (x.kind === 'infinity') return infinite(to, x.negative);
  if (x.significand === 0n) return zero(to, x.negative);
  return round(to, x.negative, x.significand, x.exponent, mode);
}

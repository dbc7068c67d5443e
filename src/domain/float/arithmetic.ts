import { fpException, rounding } from '../ir/types.ts';
import { bitLength } from '../shared/bits.ts';
import type { Format, Rounded, RoundingMode } from './format.ts';
import { infinite, nan, round, zero } from './round.ts';
import { layoutOf, unpack, type Unpacked } from './unpack.ts';

/**
 * IEEE 754-2019 5.4.1 on bit patterns: the exact result by integer arithmetic, then one rounding. Laws: a NaN result
 * is the canonical one; a signalling operand raises invalid; a zero sum of unlike signs is −0 when rounding down and
 * +0 otherwise (6.3).
 */

type Finite = Extract<Unpacked, { kind: 'finite' }>;

const signOf = (format: Format): bigint => layoutOf(format).signBit;

/** The NaN result of an operation on `operands`, when one of them is a NaN. */
function propagate(format: Format, ...operands: readonly Unpacked[]): Rounded | undefined {
  if (!operands.some((operand) => operand.kind === 'nan')) return undefined;
  return nan(
    format,
    operands.some((operand) => operand.kind === 'nan' && operand.signaling),
  );
}

/** a + b. */
export function add(format: Format, a: bigint, b: bigint, mode: RoundingMode): Rounded {
  return sum(format, unpack(format, a), unpack(format, b), mode);
}

/** a − b. */
export function sub(format: Format, a: bigint, b: bigint, mode: RoundingMode): Rounded {
  return sum(format, unpack(format, a), unpack(format, b ^ signOf(format)), mode);
}

/** x + y, where a finite x may have a significand of any length (an exact product). */
function sum(format: Format, x: Unpacked, y: Unpacked, mode: RoundingMode): Rounded {
  if (x.kind === 'nan' || y.kind === 'nan') return propagate(format, x, y)!;
  if (x.kind === 'infinity') {
    if (y.kind === 'infinity' && x.negative !== y.negative) return nan(format, true);
    return infinite(format, x.negative);
  }
  if (y.kind === 'infinity') return infinite(format, y.negative);
  const exponent = Math.min(x.exponent, y.exponent);
  const total = scaled(x, exponent) + scaled(y, exponent);
  if (total === 0n) return zero(format, x.negative === y.negative ? x.negative : mode === rounding.down);
  return round(format, total < 0n, total < 0n ? -total : total, exponent, mode);
}

/** The value of `x` in units of 2^exponent, which is not above its own exponent. */
function scaled(x: Finite, exponent: number): bigint {
  const magnitude = x.significand << BigInt(x.exponent - exponent);
  return x.negative ? -magnitude : magnitude;
}

/** The exact product of two numbers; a NaN stands for ∞ × 0. */
function product(x: Exclude<Unpacked, { kind: 'nan' }>, y: Exclude<Unpacked, { kind: 'nan' }>): Unpacked {
  const negative = x.negative !== y.negative;
  if (x.kind === 'finite' && y.kind === 'finite') {
    const exponent = x.exponent + y.exponent;
    return { kind: 'finite', negative, significand: x.significand * y.significand, exponent };
  }
  const meetsZero =
    (x.kind === 'finite' && x.significand === 0n) || (y.kind === 'finite' && y.significand === 0n);
  return meetsZero ? { kind: 'nan', signaling: true } : { kind: 'infinity', negative };
}

/** a × b. */
export function mul(format: Format, a: bigint, b: bigint, mode: RoundingMode): Rounded {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (x.kind === 'nan' || y.kind === 'nan') return propagate(format, x, y)!;
  const exact = product(x, y);
  if (exact.kind === 'nan') return nan(format, true);
  if (exact.kind === 'infinity') return infinite(format, exact.negative);
  if (exact.significand === 0n) return zero(format, exact.negative);
  return round(format, exact.negative, exact.significand, exact.exponent, mode);
}

/** a × b + c, rounded once. ∞ × 0 raises invalid also when c is a quiet NaN (7.2 leaves the choice; RISC-V's is this one). */
export function fma(format: Format, a: bigint, b: bigint, c: bigint, mode: RoundingMode): Rounded {
  const x = unpack(format, a);
  const y = unpack(format, b);
  const z = unpack(format, c);
  if (x.kind === 'nan' || y.kind === 'nan') return propagate(format, x, y, z)!;
  const exact = product(x, y);
  if (exact.kind === 'nan') return nan(format, true);
  return sum(format, exact, z, mode);
}

/** a ÷ b. */
export function div(format: Format, a: bigint, b: bigint, mode: RoundingMode): Rounded {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (x.kind === 'nan' || y.kind === 'nan') return propagate(format, x, y)!;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity') return y.kind === 'infinity' ? nan(format, true) : infinite(format, negative);
  if (y.kind === 'infinity') return zero(format, negative);
  if (y.significand === 0n)
    return x.significand === 0n ? nan(format, true) : infinite(format, negative, fpException.divideByZero);
  if (x.significand === 0n) return zero(format, negative);
  // Enough bits for a quotient of precision + 2 of them.
  const shift = Math.max(
    0,
    layoutOf(format).precision + 2 + bitLength(y.significand) - bitLength(x.significand),
  );
  const dividend = x.significand << BigInt(shift);
  const quotient = dividend / y.significand;
  const cutOff = quotient * y.significand !== dividend;
  return round(format, negative, cutOff ? quotient | 1n : quotient, x.exponent - shift - y.exponent, mode);
}

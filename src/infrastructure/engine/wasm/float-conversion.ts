import type { OpName } from '../../../domain/ir/ops.ts';
import { fpException, type IrType, rounding, widths } from '../../../domain/ir/types.ts';
import { exact, finite, narrow, type QuickFloat } from './float-runtime.ts';

/**
 * Conversions with exact flags by the host's arithmetic, under the laws of float-runtime.ts: an answer has the bits
 * and flags of the domain's module, and where there is none (a NaN, a value that does not fit) that module is asked.
 */

const words = new BigInt64Array(1);
const doubles = new Float64Array(words.buffer);
const patterns = new Int32Array(1);
const singles = new Float32Array(patterns.buffer);
const { abs, ceil, floor, trunc } = Math;

/** The number that a pattern of `type` is. */
function numberOf(pattern: bigint | number, type: IrType): number {
  if (type === 'f64') {
    words[0] = pattern as bigint;
    return doubles[0]!;
  }
  patterns[0] = pattern as number;
  return singles[0]!;
}

/** The integer that the mode selects; the fraction of a double is exact. */
function integral(x: number, mode: number): number {
  const whole = trunc(x);
  const fraction = abs(x - whole);
  switch (mode) {
    case rounding.towardZero:
      return whole;
    case rounding.down:
      return floor(x);
    case rounding.up:
      return ceil(x);
    case rounding.nearestAway:
      return fraction >= 0.5 ? whole + Math.sign(x) : whole;
    default:
      return fraction > 0.5 || (fraction === 0.5 && whole % 2 !== 0) ? whole + Math.sign(x) : whole;
  }
}

function toInteger(from: IrType, to: 'i32' | 'i64', signed: boolean): QuickFloat {
  const width = widths[to];
  const least = signed ? -(2 ** (width - 1)) : 0;
  const limit = signed ? 2 ** (width - 1) : 2 ** width;
  return ([pattern, mode]) => {
    const x = numberOf(pattern!, from);
    const whole = integral(x, mode as number);
    if (!(whole >= least && whole < limit)) return undefined;
    exact(whole, whole === x ? 0 : fpException.inexact);
    return to === 'i32' ? whole | 0 : BigInt.asIntN(64, BigInt(whole));
  };
}

/** Integers that are doubles; a larger one is rounded by the domain's module. */
function fromInteger(from: 'i32' | 'i64', to: IrType, signed: boolean): QuickFloat {
  const read =
    from === 'i32'
      ? (value: bigint | number) => (signed ? (value as number) | 0 : (value as number) >>> 0)
      : (value: bigint | number) => Number(signed ? value : BigInt.asUintN(64, value as bigint));
  return ([value, mode]) => {
    const x = read(value!);
    if (!(abs(x) <= 2 ** 53 - 1)) return undefined;
    return patternOf(to === 'f64' ? exact(x) : narrow(x, mode as number), to);
  };
}

function patternOf(x: number, type: IrType): bigint | number | undefined {
  if (Number.isNaN(x)) return undefined;
  if (type === 'f64') {
    doubles[0] = x;
    return words[0];
  }
  singles[0] = x;
  return patterns[0];
}

const isInteger = (type: IrType): type is 'i32' | 'i64' => type === 'i32' || type === 'i64';
const isFloat = (type: IrType): boolean => type === 'f32' || type === 'f64';

/** The quick form of a conversion op, if it has one. */
export function quickConversion(op: OpName, from: IrType, to: IrType): QuickFloat | undefined {
  if (op === 'floatToFloat' && from === 'f64' && to === 'f32')
    return ([pattern, mode]) => {
      const x = numberOf(pattern!, from);
      return finite(x) ? patternOf(narrow(x, mode as number), to) : undefined;
    };
  if ((op === 'floatToIntS' || op === 'floatToIntU') && isFloat(from) && isInteger(to))
    return toInteger(from, to, op === 'floatToIntS');
  if ((op === 'intToFloatS' || op === 'intToFloatU') && isInteger(from) && isFloat(to))
    return fromInteger(from, to, op === 'intToFloatS');
  return undefined;
}

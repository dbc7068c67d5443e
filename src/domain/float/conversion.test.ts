import { describe, expect, test } from '@jest/globals';
import { fpException, rounding } from '../ir/types.ts';
import { between, fromInteger, toInteger } from './conversion.ts';
import { type Format, formats, type RoundingMode } from './format.ts';

const { f32, f64 } = formats;
const f16: Format = { width: 16, exponentBits: 5, fractionBits: 10 };
const f128: Format = { width: 128, exponentBits: 15, fractionBits: 112 };
const words = new BigUint64Array(1);
const doubles = new Float64Array(words.buffer);
const singles = new Float32Array(words.buffer);
const double = (value: number): bigint => ((doubles[0] = value), words[0]!);
const single = (value: number): bigint => ((singles[0] = value), words[0]! & 0xffff_ffffn);
const modes = Object.entries(rounding) as [string, RoundingMode][];

describe('to an integer', () => {
  const expected: Record<string, (x: number) => number> = {
    nearestEven: (x) => {
      const low = Math.floor(x);
      return x - low > 0.5 || (x - low === 0.5 && low % 2 !== 0) ? low + 1 : low;
    },
    towardZero: Math.trunc,
    down: Math.floor,
    up: Math.ceil,
    nearestAway: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  };
  test.each(modes)('quarters around zero round in mode %s', (name, mode) => {
    for (let quarter = -40; quarter <= 40; quarter++) {
      const x = quarter / 4;
      const wanted = expected[name]!(x);
      expect(toInteger(f64, double(x), mode, 32, 'signed')).toEqual({
        bits: BigInt.asUintN(32, BigInt(wanted)),
        flags: wanted === x ? 0 : fpException.inexact,
      });
    }
  });

  const greatest = 2n ** 63n - 1n;
  test.each([
    ['a NaN gives the largest', double(NaN), 'signed', greatest],
    ['+∞ saturates', double(Infinity), 'signed', greatest],
    ['−∞ saturates', double(-Infinity), 'signed', 2n ** 63n],
    ['2^63 is too large', double(2 ** 63), 'signed', greatest],
    ['−1 is no unsigned integer', double(-1), 'unsigned', 0n],
    ['2^64 is too large', double(2 ** 64), 'unsigned', 2n ** 64n - 1n],
  ] as const)('%s and raises invalid alone', (_, bits, kind, wanted) => {
    expect(toInteger(f64, bits, rounding.nearestEven, 64, kind)).toEqual({
      bits: wanted,
      flags: fpException.invalid,
    });
  });

  test('what fits only after rounding fits', () => {
    const inexact = fpException.inexact;
    expect(toInteger(f64, double(-0.9), rounding.towardZero, 32, 'unsigned')).toEqual({
      bits: 0n,
      flags: inexact,
    });
    expect(toInteger(f64, double(-0.5), rounding.nearestEven, 32, 'unsigned')).toEqual({
      bits: 0n,
      flags: inexact,
    });
    expect(toInteger(f64, double(2147483647.5), rounding.down, 32, 'signed').flags).toBe(inexact);
    expect(toInteger(f64, double(2147483647.5), rounding.up, 32, 'signed').flags).toBe(fpException.invalid);
  });
});

describe('from an integer', () => {
  test('64-bit integers round as the host converts them', () => {
    for (let n = 1n; n < 2n ** 64n; n = n * 3n + 1n) {
      for (const value of [n, -n]) {
        expect(fromInteger(f64, value, rounding.nearestEven).bits).toBe(double(Number(value)));
        expect(fromInteger(f64, value, rounding.nearestEven).flags).toBe(
          BigInt(Number(value)) === value ? 0 : fpException.inexact,
        );
      }
    }
  });

  test('2^24 + 1 is halfway between two singles', () => {
    const low = single(2 ** 24);
    const results = modes.map(([, mode]) => fromInteger(f32, 2n ** 24n + 1n, mode).bits - low);
    expect(results).toEqual([0n, 0n, 0n, 1n, 1n]);
  });

  test('zero is +0 in every mode', () => {
    for (const [, mode] of modes) expect(fromInteger(f64, 0n, mode)).toEqual({ bits: 0n, flags: 0 });
  });
});

describe('between formats', () => {
  test('every half-precision number survives the way through double and back', () => {
    const changed: bigint[] = [];
    for (let bits = 0n; bits < 0x1_0000n; bits++) {
      if ((bits & 0x7fffn) > 0x7c00n) continue;
      const wide = between(f16, f64, bits, rounding.nearestEven);
      const back = between(f64, f16, wide.bits, rounding.up);
      if (back.bits !== bits || wide.flags !== 0 || back.flags !== 0) changed.push(bits);
    }
    expect(changed).toEqual([]);
  });

  test('doubles narrow as the host narrows them, also by way of quadruple precision', () => {
    for (let n = 0; n < 5000; n++) {
      const value = (n - 2500) * 1.1 ** (n % 1000) * 2 ** -160;
      const narrow = between(f64, f32, double(value), rounding.nearestEven);
      expect(narrow.bits).toBe(single(value));
      expect((narrow.flags & fpException.inexact) !== 0).toBe(Math.fround(value) !== value);
      const wide = between(f64, f128, double(value), rounding.nearestEven);
      expect(between(f128, f32, wide.bits, rounding.nearestEven)).toEqual(narrow);
    }
  });

  test('directed roundings enclose the value', () => {
    for (const value of [0.1, -0.1, 1e-42, -1e-42, 3.4e38, -1e-50]) {
      const at = (mode: RoundingMode) => {
        const { bits } = between(f64, f32, double(value), mode);
        words[0] = bits;
        return singles[0]!;
      };
      expect(at(rounding.down)).toBeLessThan(value);
      expect(at(rounding.up)).toBeGreaterThan(value);
      expect(Math.abs(at(rounding.towardZero))).toBeLessThan(Math.abs(value));
    }
  });

  test('tininess is judged after rounding', () => {
    const least = 2 ** -126;
    const almost = between(f64, f32, double(least - 2 ** -152), rounding.nearestEven);
    expect(almost).toEqual({ bits: single(least), flags: fpException.inexact });
    const below = between(f64, f32, double(least - 2 ** -150), rounding.nearestEven);
    expect(below).toEqual({ bits: single(least), flags: fpException.inexact | fpException.underflow });
  });

  test('a NaN becomes canonical, and a signalling one raises invalid', () => {
    expect(between(f32, f64, 0xffc0_1234n, 0)).toEqual({ bits: 0x7ff8_0000_0000_0000n, flags: 0 });
    expect(between(f64, f32, 0x7ff0_0000_0000_0001n, 0)).toEqual({
      bits: 0x7fc0_0000n,
      flags: fpException.invalid,
    });
  });
});

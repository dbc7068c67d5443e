import { describe, expect, test } from '@jest/globals';
import { fpException, rounding } from '../ir/types.ts';
import { add, div, fma, mul, sub } from './arithmetic.ts';
import { type Format, formats, type Rounded, type RoundingMode } from './format.ts';
import { canonicalNaN } from './round.ts';
import { sqrt } from './square-root.ts';

/**
 * An eight-bit format is small enough to try everything, and its exact sums, products and remainders fit a double.
 * The expected result comes from the list of all its numbers, not from any rounding arithmetic.
 */
const tiny: Format = { width: 8, exponentBits: 4, fractionBits: 3 };
const { towardZero, down, up, nearestAway } = rounding;
const modes = Object.values(rounding) as RoundingMode[];
/** Held locally: the test runner's sandbox makes every look-up of a global slow. */
const { abs, sign, sqrt: hostSqrt } = Math;
const { isNaN, isFinite } = Number;
const { is } = Object;
const eightBits = 256;
const nan = Number(canonicalNaN(tiny));

/** The magnitude of the pattern 0…, and on beyond the largest number as if exponents went on. */
const magnitude = (pattern: number): number => {
  const [exponent, fraction] = [pattern >> 3, pattern & 7];
  return exponent === 0 ? fraction * 2 ** -9 : (8 + fraction) * 2 ** (exponent - 10);
};
const infinity = 0x78;
const bounded = Array.from({ length: 512 }, (_, pattern) => magnitude(pattern));
/** Precision 4 without a least exponent. */
const unbounded = Array.from({ length: 480 }, (_, n) => (8 + (n & 7)) * 2 ** ((n >> 3) - 34));
const leastNormal = magnitude(8);

const valueOf = (bits: number): number => {
  const low = bits & 0x7f;
  const value = low > infinity ? NaN : low === infinity ? Infinity : bounded[low]!;
  return bits & 0x80 ? -value : value;
};

/** The index of the list's number that the mode selects; `above(v)` is the sign of (exact magnitude − v). */
function select(
  list: readonly number[],
  above: (v: number) => number,
  negative: boolean,
  mode: RoundingMode,
) {
  let low = 0;
  for (let high = list.length - 1; low < high;) {
    const middle = (low + high + 1) >> 1;
    if (above(list[middle]!) >= 0) low = middle;
    else high = middle - 1;
  }
  if (above(list[low]!) === 0) return { index: low, exact: true };
  const half = above((list[low]! + list[low + 1]!) / 2);
  return { index: goesAway() ? low + 1 : low, exact: false };

  function goesAway(): boolean {
    if (mode === towardZero) return false;
    if (mode === down) return negative;
    if (mode === up) return !negative;
    return half > 0 || (half === 0 && (mode === nearestAway || low % 2 === 1));
  }
}

/** Result and flags of a finite nonzero exact value. */
function expected(above: (v: number) => number, negative: boolean, mode: RoundingMode): number {
  const sign = negative ? 0x80 : 0;
  const { index, exact } = select(bounded, above, negative, mode);
  if (index >= infinity) {
    const largest =
      mode === rounding.towardZero ||
      (mode === rounding.down && !negative) ||
      (mode === rounding.up && negative);
    return show(sign | (largest ? infinity - 1 : infinity), fpException.overflow | fpException.inexact);
  }
  if (exact) return show(sign | index, 0);
  const full = unbounded[select(unbounded, above, negative, mode).index]!;
  return show(
    sign | index,
    full < leastNormal ? fpException.underflow | fpException.inexact : fpException.inexact,
  );
}

/** Bits and flags as one number, compared a million times. */
const show = (bits: number, flags: number): number => flags * 256 + bits;
const shown = ({ bits, flags }: Rounded): number => show(Number(bits), flags);
const negativeZero = (value: number): boolean => is(value, -0);
const signaling = (bits: number): boolean => (bits & 0x7f) > infinity && (bits & 4) === 0;

/** Results that are NaN, infinite or zero, by the host's arithmetic on exact values; undefined for the others. */
function special(operands: readonly number[], value: number, mode: RoundingMode, exactZeroSum: boolean) {
  const invalid = operands.some(signaling) || (isNaN(value) && !operands.some((a) => isNaN(valueOf(a))));
  if (isNaN(value)) return show(nan, invalid ? fpException.invalid : 0);
  if (value === 0) return show(negativeZero(value) || (exactZeroSum && mode === rounding.down) ? 0x80 : 0, 0);
  return isFinite(value) ? undefined : show(value < 0 ? infinity | 0x80 : infinity, 0);
}

const by = (exact: number) => (v: number) => sign(abs(exact) - v);

const patterns = Array.from({ length: eightBits }, (_, bits) => BigInt(bits));

describe('every pair of eight-bit numbers in every mode has the right bits and flags:', () => {
  const check = (run: typeof add, want: (a: number, b: number, mode: RoundingMode) => number) => {
    let wrong = '';
    for (let pair = 0; pair < eightBits ** 2; pair++)
      for (const mode of modes) {
        const [a, b] = [pair >> 8, pair & 0xff];
        const got = shown(run(tiny, patterns[a]!, patterns[b]!, mode));
        const wanted = want(a, b, mode);
        if (got !== wanted)
          wrong ||= `${a.toString(16)}, ${b.toString(16)} in mode ${mode}: ${got.toString(16)}, not ${wanted.toString(16)} (flags, bits)`;
      }
    expect(wrong).toBe('');
  };
  const sum = (a: number, b: number, y: number, mode: RoundingMode) => {
    const x = valueOf(a);
    const alike = x === 0 && y === 0 && negativeZero(x) === negativeZero(y);
    return special([a, b], x + y, mode, x + y === 0 && !alike) ?? expected(by(x + y), x + y < 0, mode);
  };

  test('sums', () => check(add, (a, b, mode) => sum(a, b, valueOf(b), mode)));
  test('differences', () => check(sub, (a, b, mode) => sum(a, b, -valueOf(b), mode)));
  test('products', () =>
    check(mul, (a, b, mode) => {
      const value = valueOf(a) * valueOf(b);
      return special([a, b], value, mode, false) ?? expected(by(value), value < 0, mode);
    }));
  test('quotients', () =>
    check(div, (a, b, mode) => {
      const [x, y] = [valueOf(a), valueOf(b)];
      const value = x / y;
      if (y === 0 && x !== 0 && isFinite(x))
        return show(value < 0 ? infinity | 0x80 : infinity, fpException.divideByZero);
      // The sign of x/y − v is that of x − v·y, which is exact.
      const above = (v: number) => sign(abs(x) - v * abs(y));
      return special([a, b], value, mode, false) ?? expected(above, value < 0, mode);
    }));
});

test('every eight-bit root in every mode has the right bits and flags', () => {
  for (let a = 0; a < 256; a++)
    for (const mode of modes) {
      const x = valueOf(a);
      const above = (v: number) => sign(x - v * v);
      const wanted = special([a], hostSqrt(x), mode, false) ?? expected(above, false, mode);
      expect(`${a}: ${shown(sqrt(tiny, BigInt(a), mode))}`).toBe(`${a}: ${wanted}`);
    }
});

test('fused multiply-adds of eight-bit numbers round once: a sample of 300,000', () => {
  let seed = 1;
  const { imul } = Math;
  const random = () => (seed = (imul(seed, 1103515245) + 12345) >>> 0) >>> 24;
  let wrong = '';
  for (let n = 0; n < 300_000; n++) {
    const [a, b, c] = [random(), random(), random()];
    const mode = modes[n % 5]!;
    const [x, y, z] = [valueOf(a), valueOf(b), valueOf(c)];
    const product = x * y;
    const value = product + z;
    const alike = product === 0 && z === 0 && negativeZero(product) === negativeZero(z);
    // ∞ × 0 + NaN raises invalid, which the host's arithmetic cannot show.
    const zeroTimesInfinity = isNaN(product) && !isNaN(x) && !isNaN(y);
    const wanted = zeroTimesInfinity
      ? show(nan, fpException.invalid)
      : (special([a, b, c], value, mode, value === 0 && !alike) ?? expected(by(value), value < 0, mode));
    const got = shown(fma(tiny, patterns[a]!, patterns[b]!, patterns[c]!, mode));
    if (got !== wanted)
      wrong ||= `${[a, b, c].map((v) => v.toString(16)).join()} mode ${mode}: ${got.toString(16)}, not ${wanted.toString(16)} (flags, bits)`;
  }
  expect(wrong).toBe('');
});

describe('double precision to nearest even gives what the host gives', () => {
  const words = new BigUint64Array(1);
  const numbers = new Float64Array(words.buffer);
  const bitsOf = (value: number): bigint => ((numbers[0] = value), words[0]!);
  const fromBits = (bits: bigint): number => ((words[0] = bits), numbers[0]!);
  let seed = 7n;
  const random = () => (seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n));
  const operand = (): number => {
    const kind = random() >> 61n;
    const bits = random() ^ (random() >> 32n);
    if (kind === 0n) return fromBits((bits & 0x800f_ffff_ffff_ffffn) | 0x3ff0_0000_0000_0000n);
    if (kind === 1n) return fromBits(bits & 0x801f_ffff_ffff_ffffn);
    if (kind === 2n) return Number(BigInt.asIntN(64, bits) >> 40n);
    return fromBits(bits);
  };
  const host: Record<string, [typeof add, (a: number, b: number) => number]> = {
    sums: [add, (a, b) => a + b],
    differences: [sub, (a, b) => a - b],
    products: [mul, (a, b) => a * b],
    quotients: [div, (a, b) => a / b],
    roots: [(format, a, _, mode) => sqrt(format, a, mode), (a) => Math.sqrt(a)],
  };
  test.each(Object.entries(host))('%s of 20,000 pairs', (_, [ours, theirs]) => {
    for (let n = 0; n < 20_000; n++) {
      const [a, b] = [operand(), operand()];
      const got = fromBits(ours(formats.f64, bitsOf(a), bitsOf(b), rounding.nearestEven).bits);
      if (!Object.is(got, theirs(a, b))) expect([a, b, got]).toEqual([a, b, theirs(a, b)]);
    }
    expect(fromBits(ours(formats.f64, bitsOf(4), bitsOf(2), rounding.nearestEven).bits)).toBe(theirs(4, 2));
  });
});

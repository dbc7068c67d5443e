import { describe, expect, test } from '@jest/globals';
import { opOf, type OpName } from '../../../domain/ir/ops.ts';
import { quickFloat, raisedExceptions } from './float-runtime.ts';

/** The quick arithmetic against the domain's exact one. `ISOCHRON_SEED` and `ISOCHRON_TUPLES` choose the sample. */
const perOperation = Number(process.env['ISOCHRON_TUPLES'] ?? 100_000);
const operations = ['fadd', 'fsub', 'fmul', 'fdiv', 'fsqrt', 'fma'] as const satisfies OpName[];
const arity = { fadd: 2, fsub: 2, fmul: 2, fdiv: 2, fsqrt: 1, fma: 3 } as const;
const { asUintN } = BigInt;

/** xorshift32, for 32 random bits at a time. */
let state = Number(process.env['ISOCHRON_SEED'] ?? 20261124) | 1;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}
const below = (limit: number): number => random() % limit;

const words = new BigInt64Array(1);
const halves = new Int32Array(words.buffer);
const doubles = new Float64Array(words.buffer);
const singles = new Float32Array(words.buffer);
const specials = [
  0,
  -0,
  1,
  -1,
  1.5,
  Infinity,
  -Infinity,
  NaN,
  2 ** -1074,
  2 ** -149,
  2 ** -126,
  2 ** -1022,
  3.4e38,
  1.7e308,
];

/** A value whose neighbourhood is interesting, in the scratch words. */
function fill(type: 'f32' | 'f64', other: number): void {
  const single = type === 'f32';
  const put = (value: number) => (single ? (singles[0] = value) : (doubles[0] = value));
  switch (below(8)) {
    case 0:
      put(specials[below(specials.length)]!);
      break;
    case 1: // few bits: exact results and halfway cases
      put(((random() & 0xffff) - 0x8000) * 2 ** (below(40) - 20));
      break;
    case 2: // near the other operand, so that sums cancel
      put(-other);
      halves[0] = halves[0]! + below(5) - 2;
      break;
    case 3: // far below the other operand
      put(other * (1 + below(3)) * 2 ** (single ? -23 - below(4) : -52 - below(4)));
      break;
    case 4: // products and quotients around the least normal number
      put(
        (1 + random() * 2 ** -32) * 2 ** ((single ? 62 + below(14) : 505 + below(30)) * (below(3) ? -1 : 1)),
      );
      break;
    case 5: // any pattern
      halves[0] = random();
      halves[1] = random();
      break;
    default: // moderate exponents, full fractions
      put((1 + random() * 2 ** -32 + random() * 2 ** -53) * 2 ** (below(60) - 30) * (below(2) ? 1 : -1));
  }
}

describe.each(['f32', 'f64'] as const)('on %s the quick arithmetic', (type) => {
  test.each(operations)(`gives the exact module's bits and flags: %s, ${perOperation} tuples`, (op) => {
    const quick = quickFloat(op, type)!;
    const evaluate = opOf(op).evaluateFloat!;
    const types = [type, type, type] as const;
    let answered = 0;
    let wrong = '';
    for (let n = 0; n < perOperation; n++) {
      const args: (bigint | number)[] = [];
      let other = 0;
      for (let position = 0; position < arity[op]; position++) {
        fill(type, op === 'fma' && position === 2 ? -other : other);
        const value = type === 'f32' ? singles[0]! : doubles[0]!;
        other = op === 'fma' && position === 1 ? other * value : value;
        args.push(type === 'f32' ? halves[0]! : words[0]!);
      }
      const mode = n % 2 === 0 ? 0 : below(5);
      args.push(mode);
      const result = quick(args);
      if (result === undefined) continue;
      answered++;
      const flags = raisedExceptions();
      const patterns = args.map((arg) =>
        typeof arg === 'bigint' ? asUintN(64, arg) : asUintN(32, BigInt(arg)),
      );
      const expected = evaluate(patterns, { type, attr: undefined }, types);
      const bits = type === 'f32' ? BigInt((result as number) >>> 0) : asUintN(64, result as bigint);
      if (bits !== expected.bits || flags !== expected.flags)
        wrong ||= `${op}(${patterns.map((p) => p.toString(16)).join()}): ${bits.toString(16)} flags ${flags}, not ${expected.bits.toString(16)} flags ${expected.flags}`;
    }
    expect(wrong).toBe('');
    expect(answered / perOperation).toBeGreaterThan(0.35);
  });

  test('is faster than the exact module', () => {
    const count = 20_000;
    const [a, b] = type === 'f32' ? [0x3f9d70a4, 0x40490fdb] : [0x3ff3ae147ae147aen, 0x400921fb54442d18n];
    const args = [a, b, 0];
    const exactArgs = args.map((arg) => asUintN(64, BigInt(arg)));
    const evaluate = opOf('fmul').evaluateFloat!;
    const quick = quickFloat('fmul', type)!;
    const time = (run: () => unknown): number => {
      let best = Infinity;
      for (let round = 0; round < 5; round++) {
        const start = process.hrtime.bigint();
        for (let n = 0; n < count; n++) run();
        best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
      }
      return best;
    };
    const slow = time(() => evaluate(exactArgs, { type, attr: undefined }, [type, type, 'i8']));
    const fast = time(() => quick(args));
    expect(fast).toBeLessThan(slow);
  });
});

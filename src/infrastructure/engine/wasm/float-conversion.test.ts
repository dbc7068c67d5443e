import { expect, test } from '@jest/globals';
import { opOf, type OpName } from '../../../domain/ir/ops.ts';
import { type IrType, widths } from '../../../domain/ir/types.ts';
import { quickConversion } from './float-conversion.ts';
import { raisedExceptions } from './float-runtime.ts';

/** The quick conversions against the domain's exact ones. */
const tuples = Number(process.env['ISOCHRON_TUPLES'] ?? 30_000);
const { asUintN, asIntN } = BigInt;

let state = Number(process.env['ISOCHRON_SEED'] ?? 8472) | 1;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}
const below = (limit: number): number => random() % limit;

const words = new BigUint64Array(1);
const halves = new Uint32Array(words.buffer);
const doubles = new Float64Array(words.buffer);
const singles = new Float32Array(words.buffer);

function pattern(type: IrType): bigint {
  const put = (value: number) => (type === 'f32' ? (singles[0] = value) : (doubles[0] = value));
  halves[1] = random();
  halves[0] = random();
  const kind = below(6);
  if (!type.startsWith('f')) words[0] = words[0]! >> BigInt(kind === 0 ? 0 : below(64));
  else if (kind === 0) put((below(200) - 100) / 4);
  else if (kind === 1) put((below(2) ? 1 : -1) * 2 ** (28 + below(40)) + below(5) - 2);
  else if (kind === 2) put((random() / 2 ** 20 - 2048) * 2 ** below(40));
  else if (kind === 3) put((1 + random() * 2 ** -32) * 2 ** -(120 + below(35)));
  return asUintN(widths[type], words[0]!);
}

const conversions = (['f32', 'f64'] as const).flatMap((float) =>
  (['i32', 'i64'] as const).flatMap((integer) =>
    (['S', 'U'] as const).flatMap((sign): readonly (readonly [OpName, IrType, IrType])[] => [
      [`floatToInt${sign}`, float, integer],
      [`intToFloat${sign}`, integer, float],
    ]),
  ),
);

test.each([...conversions, ['floatToFloat', 'f64', 'f32'] as const])(
  `%s from %s to %s gives the exact module's bits and flags`,
  (op, from, to) => {
    const quick = quickConversion(op, from, to)!;
    let answered = 0;
    let wrong = '';
    for (let n = 0; n < tuples; n++) {
      const given = pattern(from);
      const mode = below(5);
      const result = quick([widths[from] === 64 ? asIntN(64, given) : Number(asIntN(32, given)), mode]);
      if (result === undefined) continue;
      answered++;
      const flags = raisedExceptions();
      const expected = opOf(op).evaluateFloat!([given, BigInt(mode)], { type: to, attr: undefined }, [
        from,
        'i8',
      ]);
      if (asUintN(widths[to], BigInt(result)) !== expected.bits || flags !== expected.flags)
        wrong ||= `${given.toString(16)} mode ${mode}: ${result} flags ${flags}, not ${expected.bits} flags ${expected.flags}`;
    }
    expect(wrong).toBe('');
    expect(answered / tuples).toBeGreaterThan(0.2);
  },
);

test('has no quick form where there is nothing to gain', () => {
  expect(quickConversion('floatToFloat', 'f32', 'f64')).toBeUndefined();
  expect(quickConversion('fadd', 'f64', 'f64')).toBeUndefined();
});

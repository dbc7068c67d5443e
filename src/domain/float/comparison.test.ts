import { describe, expect, test } from '@jest/globals';
import { fpException } from '../ir/types.ts';
import { compare, maximumNumber, minimumNumber } from './comparison.ts';
import { formats } from './format.ts';

const { f32 } = formats;
const words = new Uint32Array(1);
const singles = new Float32Array(words.buffer);
const valueOf = (bits: bigint): number => ((words[0] = Number(bits)), singles[0]!);
const patterns = [
  0n,
  1n,
  0x7f_ffffn,
  0x80_0000n,
  0x3f80_0000n,
  0x3f80_0001n,
  0x7f7f_ffffn,
  0x7f80_0000n,
].flatMap((bits) => [bits, bits | 0x8000_0000n]);
const [quiet, signaling, canonical] = [0xffc0_1234n, 0x7f80_0001n, 0x7fc0_0000n];
const invalid = fpException.invalid;

test('numbers compare as the host compares them, and raise nothing', () => {
  for (const a of patterns)
    for (const b of patterns) {
      const [x, y] = [valueOf(a), valueOf(b)];
      const wanted = { eq: x === y, lt: x < y, le: x <= y };
      for (const relation of ['eq', 'lt', 'le'] as const)
        for (const kind of ['quiet', 'signaling'] as const)
          expect(compare(f32, relation, a, b, kind)).toEqual({ bits: wanted[relation] ? 1n : 0n, flags: 0 });
    }
});

describe('a NaN compares false', () => {
  test.each([
    ['quiet', quiet, 0],
    ['quiet', signaling, invalid],
    ['signaling', quiet, invalid],
    ['signaling', signaling, invalid],
  ] as const)('and a %s comparison with 0x%s raises its flag', (kind, bits, flags) => {
    for (const relation of ['eq', 'lt', 'le'] as const) {
      expect(compare(f32, relation, bits, 0n, kind)).toEqual({ bits: 0n, flags });
      expect(compare(f32, relation, 0n, bits, kind)).toEqual({ bits: 0n, flags });
      expect(compare(f32, relation, bits, bits, kind)).toEqual({ bits: 0n, flags });
    }
  });
});

describe('minimum and maximum', () => {
  test('order numbers as the host does, −0 below +0', () => {
    for (const a of patterns)
      for (const b of patterns) {
        const [x, y] = [valueOf(a), valueOf(b)];
        expect(valueOf(minimumNumber(f32, a, b).bits)).toBe(Math.min(x, y));
        expect(valueOf(maximumNumber(f32, a, b).bits)).toBe(Math.max(x, y));
        expect(minimumNumber(f32, a, b).flags | maximumNumber(f32, a, b).flags).toBe(0);
      }
  });

  test.each([
    ['minimum', minimumNumber],
    ['maximum', maximumNumber],
  ])('%s prefers a number to a NaN', (_, extreme) => {
    expect(extreme(f32, quiet, 1n)).toEqual({ bits: 1n, flags: 0 });
    expect(extreme(f32, 1n, signaling)).toEqual({ bits: 1n, flags: invalid });
    expect(extreme(f32, quiet, quiet)).toEqual({ bits: canonical, flags: 0 });
    expect(extreme(f32, signaling, quiet)).toEqual({ bits: canonical, flags: invalid });
  });
});

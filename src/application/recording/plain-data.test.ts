import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodePlainData, type EncodedFields, encodePlainData } from './plain-data.ts';

const roundTrip = (value: unknown, attachFrom?: number): unknown => {
  const { bytes, attachments } = encodePlainData(value, attachFrom);
  return decodePlainData(bytes, attachments);
};

const leaf = fc.oneof(
  fc.constant(null),
  fc.constant(undefined),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
);
const plain = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('array'), tie('object'), tie('map'), tie('set')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  map: fc.array(fc.tuple(leaf, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  set: fc.array(leaf, { maxLength: 4 }).map((items) => new Set(items)),
})).value;

describe('plain data', () => {
  test('decodes to what was encoded, for any plain data', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(roundTrip(value)).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test('encodes an object of whose fields some were encoded before as if none were', () => {
    // What stands in a field twice is encoded as the number of what it was the first time.
    const twice = plain.map((value) => [value, value]);
    const state = fc.dictionary(fc.string(), fc.oneof(plain, twice), { maxKeys: 6, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(state, fc.array(fc.boolean())), { maxLength: 5 }), (changes) => {
        const fields: EncodedFields = new Map();
        let before: Record<string, unknown> = {};
        for (const [change, kept] of changes) {
          const old = Object.entries(before).filter((_, index) => kept[index] ?? true);
          before = { ...Object.fromEntries(old), ...change };
          expect(encodePlainData(before, 4, fields)).toEqual(encodePlainData(before, 4));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('encodes equal numbers equally, however the engine holds them', () => {
    const held = new Float64Array([5]);
    expect(encodePlainData([held[0]]).bytes).toStrictEqual(encodePlainData([5]).bytes);
    expect(roundTrip([-0, NaN, Infinity, 2 ** 60, -3])).toStrictEqual([-0, NaN, Infinity, 2 ** 60, -3]);
  });

  test('keeps sharing and cycles', () => {
    const shared = { bytes: new Uint8Array([1]) };
    const ring: Record<string, unknown> = { a: shared, b: shared };
    ring['self'] = ring;
    const back = roundTrip(ring) as Record<string, unknown>;
    expect(back['a']).toBe(back['b']);
    expect(back['self']).toBe(back);
  });

  test('keeps a key named __proto__ and a lone surrogate', () => {
    const odd = JSON.parse('{"__proto__": 1, "x": "\\ud800"}') as unknown;
    expect(roundTrip(odd)).toStrictEqual(odd);
  });

  test('keeps every kind of typed array', () => {
    const arrays = [new BigUint64Array([2n ** 63n]), new Int16Array([-1, 2]), new Float64Array([0.5])];
    expect(roundTrip(arrays)).toStrictEqual(arrays);
  });

  test('puts large byte arrays beside the data', () => {
    const value = { small: new Uint8Array(10), large: new Uint8Array(100).fill(7) };
    expect(encodePlainData(value, 50).attachments).toStrictEqual([value.large]);
    expect(roundTrip(value, 50)).toStrictEqual(value);
  });

  test('names what is not plain data', () => {
    expect(() => encodePlainData({ a: [() => 1] })).toThrow('state.a[0] is not plain data: function');
    expect(() => encodePlainData({ when: new Date(0) })).toThrow('state.when is not plain data: Date');
  });

  test('throws RangeError, and nothing else, for damaged bytes', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(255), (value, where, replacement) => {
        const { bytes } = encodePlainData(value);
        const damaged = bytes.slice();
        damaged[where % damaged.length] = replacement;
        try {
          decodePlainData(damaged.subarray(0, (where % (damaged.length * 2)) + 1));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(() => decodePlainData(bytes.subarray(0, -1))).toThrow(RangeError);
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Effects, noMarks, type PageMarks } from '../ports/effects.ts';
import { encodeChunk, setBytes } from './chunk-format.ts';
import { EffectsChunk } from './effects-chunk.ts';

/** Sets of bits as they come: few bits, long runs, noise, everything. */
const bits = (length: number) =>
  fc.oneof(
    fc.uint8Array({ minLength: length, maxLength: length }),
    fc.array(fc.tuple(fc.nat(8 * length - 1), fc.nat(200)), { minLength: 1, maxLength: 4 }).map((runs) => {
      const set = new Uint8Array(length);
      for (const [from, count] of runs)
        for (let bit = from; bit < Math.min(8 * length, from + count + 1); bit++)
          set[bit >> 3] = set[bit >> 3]! | (1 << (bit & 7));
      return set;
    }),
  );

interface OnePage {
  readonly page: number;
  readonly marks: Uint8Array;
}

const columns = (list: readonly OnePage[]): PageMarks => ({
  pages: Uint32Array.from(list, ({ page }) => page),
  marks: Uint8Array.from(list.flatMap(({ marks }) => [...marks])),
});
const pages = (length: number) =>
  fc
    .uniqueArray(fc.record({ page: fc.nat(2 ** 20 - 1), marks: bits(length) }), {
      selector: ({ page }) => page,
      maxLength: 6,
    })
    .map((list) => columns(list.sort((a, b) => a.page - b.page)));
const slice: fc.Arbitrary<Effects> = fc.record({
  reads: pages(setBytes.read),
  writes: pages(setBytes.write),
  executed: pages(setBytes.execute),
  registersRead: fc.bigInt({ min: 0n, max: 2n ** 90n }),
  registersWritten: fc.bigInt({ min: 0n, max: 2n ** 90n }),
});

describe('a chunk of effects', () => {
  test('has what was put into it', () => {
    fc.assert(
      fc.property(fc.array(slice, { maxLength: 16 }), (slices) => {
        const chunk = new EffectsChunk(encodeChunk(slices));
        expect(chunk.slices).toBe(slices.length);
        expect(chunk.registers).toEqual(
          slices.map(({ registersRead, registersWritten }) => ({
            read: registersRead,
            written: registersWritten,
          })),
        );
        const kinds = { read: 'reads', write: 'writes', execute: 'executed' } as const;
        for (const kind of ['read', 'write', 'execute'] as const)
          slices.forEach((effects, at) => {
            const found: OnePage[] = [];
            for (const page of chunk.pages(kind)) {
              const marks = chunk.sets(kind, page)[at];
              if (marks) found.push({ page, marks });
            }
            expect(columns(found)).toEqual(effects[kinds[kind]]);
          });
      }),
    );
  });

  test('takes few bytes for what is regular', () => {
    const full = columns([{ page: 7, marks: new Uint8Array(setBytes.write).fill(0xff) }]);
    const one: Effects = {
      reads: noMarks,
      writes: full,
      executed: noMarks,
      registersRead: 0n,
      registersWritten: 0n,
    };
    expect(encodeChunk(Array.from({ length: 16 }, () => one)).length).toBeLessThan(80);
  });

  test('says so when bytes are missing or of another format', () => {
    const bytes = encodeChunk([
      {
        reads: columns([{ page: 1, marks: new Uint8Array(setBytes.read).fill(3) }]),
        writes: noMarks,
        executed: noMarks,
        registersRead: 3n,
        registersWritten: 0n,
      },
    ]);
    expect(() => new EffectsChunk(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
    expect(() => new EffectsChunk(Uint8Array.of(9, ...bytes.subarray(1)))).toThrow(/format 9, not/);
  });
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alikeRuns, pageBytes } from './alike-runs.ts';

test('finds the runs that one look at each byte would, whatever their lengths', () => {
  const run = fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 300_000 })),
    fc.integer({ min: 0, max: 2 }),
  );
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (runs, from, length) => {
      const bytes = Uint8Array.from(runs.flatMap(([count, byte]) => new Array<number>(count).fill(byte)));
      const first = from % bytes.length;
      const end = first + (length % (bytes.length - first + 1));
      const expected: { first: number; end: number }[] = [];
      for (let at = first; at < end; at++) {
        const last = expected.at(-1);
        if (last && bytes[at] === bytes[at - 1]) last.end = at + 1;
        else expected.push({ first: at, end: at + 1 });
      }
      expect([...alikeRuns(pageBytes(bytes), first, end)]).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

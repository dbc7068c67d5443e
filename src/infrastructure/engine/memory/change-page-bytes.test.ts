import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changePageBytes } from './change-page-bytes.ts';
import { pageBit } from './control-memory.ts';

const fresh = pageBit.mapped | pageBit.read;
const special = pageBit.touched | pageBit.dirty | pageBit.hasCode;

test('changes as one loop over the pages would, whatever they are', () => {
  const run = fc.tuple(
    fc.integer({ min: 1, max: 400 }),
    fc.constantFrom(0, pageBit.mapped, fresh, special, pageBit.hasCode),
  );
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (runs, from, length) => {
      const flags = Uint8Array.from(runs.flatMap(([count, bits]) => new Array<number>(count).fill(bits)));
      const first = from % flags.length;
      const end = first + (length % (flags.length - first + 1));
      const called: number[] = [];
      const expected = flags.map((bits, page) =>
        page >= first && page < end && (bits & special) === 0 ? fresh : bits,
      );
      const expectedCalls = [...flags.keys()].filter(
        (page) => page >= first && page < end && (flags[page]! & special) !== 0,
      );
      changePageBytes(flags, first, end, fresh, (page) => called.push(page));
      expect(flags).toEqual(expected);
      expect(called).toEqual(expectedCalls);
    }),
  );
});

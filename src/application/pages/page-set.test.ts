import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PageSet } from './page-set.ts';

const page = fc.oneof(
  fc.nat(1100),
  fc.nat(1100).map((near) => 3 * 2 ** 20 + near),
);

test('holds what was added since it was cleared', () => {
  fc.assert(
    fc.property(fc.array(page), fc.array(page), fc.array(page), (before, added, asked) => {
      const pages = new PageSet();
      for (const number of before) pages.add(number);
      pages.clear();
      for (const number of added) pages.add(number);
      const expected = new Set(added);
      expect(pages.size).toBe(expected.size);
      expect([...pages].toSorted((a, b) => a - b)).toEqual([...expected].toSorted((a, b) => a - b));
      for (const number of [...before, ...added, ...asked])
        expect(pages.has(number)).toBe(expected.has(number));
    }),
  );
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PageRecords } from './page-records.ts';

/** Pages near each other, and far away in another address space. */
const page = fc.oneof(
  fc.nat(200),
  fc.nat(200).map((near) => 3 * 2 ** 20 + near),
);
const width = 3;

test('records are those that were set last', () => {
  const step = fc.record({ page, record: fc.option(fc.uint32Array({ minLength: width, maxLength: width })) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const records = new PageRecords(width);
      const expected = new Map<number, string>();
      for (const { page, record } of steps) {
        if (record) {
          records.set(page, record);
          expected.set(page, record.join());
        } else {
          records.delete(page);
          expected.delete(page);
        }
      }
      expect(records.size).toBe(expected.size);
      expect(records.numbers()).toEqual([...expected.keys()].toSorted((a, b) => a - b));
      for (const { page } of steps) {
        const into = new Uint32Array(width);
        expect(records.get(page, into)).toBe(expected.has(page));
        expect(into.join()).toBe(expected.get(page) ?? '0,0,0');
      }
    }),
  );
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grouped } from './tables.ts';

test('counts are written as in English', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(20_000), fc.maxSafeNat(), fc.maxSafeInteger()), (count) => {
      expect(grouped(count)).toBe(count.toLocaleString('en-US'));
    }),
    { numRuns: 1000 },
  );
});

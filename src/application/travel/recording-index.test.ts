import { expect, test } from '@jest/globals';
import { countUpTo, lastAtOrBefore } from './recording-index.ts';

const sorted = [{ icount: 3 }, { icount: 5 }, { icount: 5 }, { icount: 9 }];

test.each([
  [2, undefined, 0],
  [3, 0, 1],
  [4, 0, 1],
  [5, 2, 3],
  [8, 2, 3],
  [9, 3, 4],
  [100, 3, 4],
])('at %d the last at or before is number %p, the %d-th', (icount, last, count) => {
  expect(lastAtOrBefore(sorted, icount)).toBe(last === undefined ? undefined : sorted[last]);
  expect(countUpTo(sorted, icount)).toBe(count);
});

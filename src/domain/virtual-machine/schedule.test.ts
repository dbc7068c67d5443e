import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCheckpointPoint, isDigestPoint, nextDigestPoint, paysForPages } from './schedule.ts';

const counts = (last: number, is: (icount: number) => boolean): number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter(is);

test('digest points stand at every interval first, then four to an octave', () => {
  const points = counts(32, (icount) => isDigestPoint(icount, 1));
  expect(points.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(points.filter((icount) => icount > 8 && icount <= 16)).toEqual([10, 12, 14, 16]);
  expect(points.filter((icount) => icount > 16)).toEqual([20, 24, 28, 32]);
});

test('the next digest point is the nearest one after, from anywhere', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 14), fc.integer({ min: 1, max: 2 ** 10 }), (icount, interval) => {
      const next = nextDigestPoint(icount, interval);
      expect(isDigestPoint(next, interval)).toBe(true);
      for (let at = (Math.floor(icount / interval) + 1) * interval; at < next; at += interval)
        expect(isDigestPoint(at, interval)).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test.each([1, 2, 4])(
  'a checkpoint point is a digest point where its shortest distance is %d times as long',
  (times) => {
    for (const icount of counts(4096, (at) => isCheckpointPoint(at, times)))
      expect(isDigestPoint(icount, 1)).toBe(true);
  },
);

test('the instructions that pay for pages add up over several intervals', () => {
  expect(paysForPages(1000, 32, 1000)).toBe(true);
  expect(paysForPages(1000, 33, 1000)).toBe(false);
  expect(paysForPages(2000, 33, 1000)).toBe(true);
});

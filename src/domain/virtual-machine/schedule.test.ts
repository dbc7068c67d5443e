import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCheckpointPoint, isDigestPoint, nextDigestPoint, paysForDigest } from './schedule.ts';

const counts = (last: number, is: (icount: number) => boolean): number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter(is);

test('digest points stand at every interval first, then eight to an octave', () => {
  const points = counts(64, (icount) => isDigestPoint(icount, 1));
  expect(points.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(points.filter((icount) => icount > 16 && icount <= 32)).toEqual([18, 20, 22, 24, 26, 28, 30, 32]);
  expect(points.filter((icount) => icount > 32)).toEqual([36, 40, 44, 48, 52, 56, 60, 64]);
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

test('a checkpoint point is a digest point where the shortest distances are as by default', () => {
  for (const icount of counts(4096, (at) => isCheckpointPoint(at, 4)))
    expect(isDigestPoint(icount, 1)).toBe(true);
});

test('the instructions that a digest takes for its pages add up over several intervals', () => {
  expect(paysForDigest(1000, 32, 1000)).toBe(true);
  expect(paysForDigest(1000, 33, 1000)).toBe(false);
  expect(paysForDigest(2000, 33, 1000)).toBe(true);
});

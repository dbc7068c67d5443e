import { expect, test } from '@jest/globals';
import { jobsThatPay } from './index-request.ts';

test('no more processes are started than a recording is long enough for', () => {
  expect(jobsThatPay(1e8, 8)).toBe(1);
  expect(jobsThatPay(1e9, 8)).toBe(3);
  expect(jobsThatPay(1e11, 8)).toBe(8);
  expect(jobsThatPay(0, 8)).toBe(1);
});

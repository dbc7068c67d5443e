import { describe, expect, test } from '@jest/globals';
import { EpochLength } from './epoch-length.ts';

describe('the length of epochs', () => {
  /** Passes `epochs` whole ones that write so many pages each. */
  function passed(writeCost: number, pages: number, epochs: number): EpochLength {
    const length = new EpochLength(writeCost);
    for (let epoch = 0; epoch < epochs; epoch++) length.passed(length.instructions, pages);
    return length;
  }

  test('grows to a usual one where few pages are written', () => {
    const lengths = [0, 1, 2, 5, 20].map((epochs) => passed(1, 10, epochs).instructions);
    expect(lengths).toEqual([2 ** 20, 2 ** 21, 2 ** 22, 2 ** 25, 2 ** 25]);
  });

  test('grows at once to what the written pages take, within a bound', () => {
    expect(passed(1, 1000, 1).instructions).toBe(100_000_000);
    expect(passed(16, 1000, 1).instructions).toBe(2 ** 28);
    expect(passed(16, 100_000, 9).instructions).toBe(2 ** 28);
  });

  test('is short after a fault, and bounded by half as much after each', () => {
    const length = passed(16, 1000, 3);
    length.faulted();
    expect(length.instructions).toBe(2 ** 20);
    length.passed(length.instructions, 1000);
    expect(length.instructions).toBe(2 ** 27);
    for (let fault = 0; fault < 20; fault++) length.faulted();
    length.passed(length.instructions, 1000);
    expect(length.instructions).toBe(2 ** 20);
  });

  test('costs too much where even long epochs do not pay', () => {
    expect(passed(1, 1000, 10).tooCostly).toBe(false);
    expect(passed(16, 300, 10).tooCostly).toBe(false);
    expect(passed(16, 1000, 10).tooCostly).toBe(true);
  });

  test('does not grow for an epoch that something else has ended', () => {
    const length = new EpochLength(1);
    length.passed(1000, 1);
    expect(length.instructions).toBe(2 ** 20);
  });
});

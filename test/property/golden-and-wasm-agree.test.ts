import { expect, test } from '@jest/globals';
import { EnginePairs } from './engine-pairs.ts';

/**
 * 100,000 pairs in CI (or as many as ISOCHRON_PAIRS says), a tenth of that elsewhere. `npm run campaign` runs millions.
 * ISOCHRON_SEED repeats a failure.
 */
const pairs = Number(process.env.ISOCHRON_PAIRS ?? (process.env.CI ? 100_000 : 10_000));
const seed = Number(process.env.ISOCHRON_SEED ?? 20_260_101);

test(`golden and wasm agree on ${pairs} random (block, state) pairs`, () => {
  const difference = new EnginePairs().run(pairs, seed);
  expect(
    difference ? [`ISOCHRON_SEED=${difference.seed}`, difference.what, ...difference.block] : [],
  ).toEqual([]);
}, 600_000);

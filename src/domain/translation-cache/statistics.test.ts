import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Durations } from './durations.ts';
import { occupancyOf, TranslationProjection } from './statistics.ts';

describe('the statistics of translation caches', () => {
  const occupancy = { entries: { interpreter: 2, region: 1 }, capacity: { regions: 4, threadedBytes: 1024 } };

  test('say nothing of hit rates when nothing was looked up', () => {
    const { lookups, tiers } = new TranslationProjection().statistics(occupancy);
    expect(lookups.overall).toEqual({ hits: 0, misses: 0, hitRate: undefined });
    expect(tiers.region).toEqual({
      translations: 0,
      invalidated: 0,
      evicted: 0,
      time: { mean: 0, p99: 0, longest: 0, total: 0 },
    });
  });

  test('are the sums of what was reported', () => {
    const projection = new TranslationProjection();
    const region = { address: 64, identity: 'x', blocks: 3, instructions: 9, size: 100 } as const;
    projection.apply({ type: 'RegionTranslated', ...region, found: false, micros: 300 });
    projection.apply({ type: 'RegionTranslated', ...region, found: true, micros: 100 });
    projection.apply({ type: 'RegionRestored', ...region, optimised: true, micros: 20 });
    projection.apply({ type: 'RegionRestored', ...region, optimised: false, micros: 30 });
    projection.apply({
      type: 'BlockThreaded',
      address: 64,
      instructions: 4,
      results: { hits: 3, misses: 1 },
      registerMaps: { hits: 2, misses: 2 },
      micros: 8,
    });
    projection.apply({ type: 'AddressesLookedUp', hits: 5, misses: 2 });
    const dropped = { type: 'TranslationDropped', address: 64, blocks: 3 } as const;
    projection.apply({ ...dropped, tier: 'region', reason: 'changed' });
    projection.apply({ ...dropped, tier: 'region', reason: 'replaced' });
    projection.apply({ ...dropped, tier: 'interpreter', reason: 'evicted' });
    expect(projection.statistics(occupancy)).toMatchObject({
      ...occupancy,
      restored: { regions: 2, optimised: 1, instructions: 18, time: 50 },
      translatedBlocks: 6,
      translatedInstructions: 18,
      invalidatedBlocks: 3,
      tiers: {
        region: {
          translations: 2,
          invalidated: 1,
          evicted: 0,
          time: { mean: 200, longest: 300, total: 400 },
        },
        interpreter: { translations: 1, invalidated: 0, evicted: 1 },
      },
      lookups: {
        address: { hits: 5, misses: 2 },
        result: { hits: 6, misses: 2 },
        registerMap: { hits: 2, misses: 2, hitRate: 0.5 },
        overall: { hits: 13, misses: 6, hitRate: 13 / 19 },
      },
    });
  });

  test('add up what several caches hold', () => {
    expect(occupancyOf([occupancy, occupancy])).toEqual({
      entries: { interpreter: 4, region: 2 },
      capacity: { regions: 8, threadedBytes: 2048 },
    });
  });

  test('a quantile is at most 9 % above the exact one, and never below it', () => {
    const durations = fc.array(fc.double({ min: 1, max: 1e7, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (all, share) => {
        const kept = new Durations();
        for (const duration of all) kept.add(duration);
        const exact = [...all].sort((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
        const found = kept.quantile(share);
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(found).toBeLessThanOrEqual(exact * 2 ** (1 / 8) * (1 + 1e-9));
      }),
    );
  });
});

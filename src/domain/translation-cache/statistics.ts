import { Durations } from './durations.ts';
import type { Lookups, Tier, TranslationCacheEvent } from './events.ts';

/** What a translation cache holds, and how much it can. */
export interface CacheOccupancy {
  readonly entries: Readonly<Record<Tier, number>>;
  /** Regions, and bytes of threaded code. */
  readonly capacity: { readonly regions: number; readonly threadedBytes: number };
}

export interface LookupStatistics extends Lookups {
  /** Hits a lookup, 0 to 1; undefined when nothing was looked up. */
  readonly hitRate: number | undefined;
}

export interface TierStatistics {
  readonly translations: number;
  readonly invalidated: number;
  readonly evicted: number;
  /** Of a translation that the engine made itself, in microseconds; `p99` is right to 9 %. */
  readonly time: {
    readonly mean: number;
    readonly p99: number;
    readonly longest: number;
    readonly total: number;
  };
}

/** What a machine's translation caches did, and hold now. */
export interface TranslationStatistics extends CacheOccupancy {
  /** Basic blocks and instructions in the regions that were translated, with repetitions. */
  readonly translatedBlocks: number;
  readonly translatedInstructions: number;
  readonly invalidatedBlocks: number;
  readonly tiers: Readonly<Record<Tier, TierStatistics>>;
  /** Regions that other processes had translated; none of the other counts has them. */
  readonly restored: {
    readonly regions: number;
    /** Those that began with optimised machine code. */
    readonly optimised: number;
    readonly instructions: number;
    /** Microseconds that taking them over took. */
    readonly time: number;
  };
  readonly lookups: {
    /** Translations by guest address, in the engine's loop. */
    readonly address: LookupStatistics;
    /** Generated code by what it is made from. */
    readonly result: LookupStatistics;
    /** Shapes, which map operands to registers, by instruction. */
    readonly registerMap: LookupStatistics;
    readonly overall: LookupStatistics;
  };
}

interface MutableLookups {
  hits: number;
  misses: number;
}

const noLookups = (): MutableLookups => ({ hits: 0, misses: 0 });

function add(to: MutableLookups, { hits, misses }: Lookups): void {
  to.hits += hits;
  to.misses += misses;
}

function rated({ hits, misses }: Lookups): LookupStatistics {
  return { hits, misses, hitRate: hits + misses === 0 ? undefined : hits / (hits + misses) };
}

const noTier = () => ({ translations: 0, invalidated: 0, evicted: 0, durations: new Durations() });

/** The statistics of translation caches, as a projection of their events. */
export class TranslationProjection {
  readonly #tiers = { interpreter: noTier(), region: noTier() };
  readonly #lookups = { address: noLookups(), result: noLookups(), registerMap: noLookups() };
  readonly #restored = { regions: 0, optimised: 0, instructions: 0, time: 0 };
  #blocks = 0;
  #instructions = 0;
  #invalidatedBlocks = 0;

  apply(event: TranslationCacheEvent): void {
    switch (event.type) {
      case 'BlockThreaded':
        this.#translated('interpreter', event.micros);
        add(this.#lookups.result, event.results);
        add(this.#lookups.registerMap, event.registerMaps);
        break;
      case 'BlocksThreaded':
        this.#tiers.interpreter.translations += event.blocks;
        this.#lookups.result.hits += event.instructions;
        this.#lookups.registerMap.hits += event.instructions;
        break;
      case 'RegionTranslated':
        this.#translated('region', event.micros);
        if (event.found) this.#lookups.result.hits++;
        else this.#lookups.result.misses++;
        this.#blocks += event.blocks;
        this.#instructions += event.instructions;
        break;
      case 'RegionRestored':
        this.#lookups.result.hits++;
        this.#restored.regions++;
        if (event.optimised) this.#restored.optimised++;
        this.#restored.instructions += event.instructions;
        this.#restored.time += event.micros;
        break;
      case 'TranslationDropped': {
        const tier = this.#tiers[event.tier];
        if (event.reason === 'evicted') tier.evicted++;
        if (event.reason !== 'changed') break;
        tier.invalidated++;
        if (event.tier === 'region') this.#invalidatedBlocks += event.blocks;
        break;
      }
      case 'AddressesLookedUp':
        add(this.#lookups.address, event);
        break;
    }
  }

  /** `occupancy`: of the caches that exist now. */
  statistics(occupancy: CacheOccupancy): TranslationStatistics {
    const { address, result, registerMap } = this.#lookups;
    const overall = noLookups();
    for (const lookups of [address, result, registerMap]) add(overall, lookups);
    return {
      ...occupancy,
      translatedBlocks: this.#blocks,
      translatedInstructions: this.#instructions,
      invalidatedBlocks: this.#invalidatedBlocks,
      tiers: { interpreter: this.#tier('interpreter'), region: this.#tier('region') },
      restored: { ...this.#restored },
      lookups: {
        address: rated(address),
        result: rated(result),
        registerMap: rated(registerMap),
        overall: rated(overall),
      },
    };
  }

  #translated(name: Tier, micros: number): void {
    const tier = this.#tiers[name];
    tier.translations++;
    tier.durations.add(micros);
  }

  #tier(name: Tier): TierStatistics {
    const { durations, ...counts } = this.#tiers[name];
    const { mean, longest, total } = durations;
    return { ...counts, time: { mean, p99: durations.quantile(0.99), longest, total } };
  }
}

/** What several caches hold together. */
export function occupancyOf(caches: Iterable<CacheOccupancy>): CacheOccupancy {
  const entries = { interpreter: 0, region: 0 };
  const capacity = { regions: 0, threadedBytes: 0 };
  for (const cache of caches) {
    entries.interpreter += cache.entries.interpreter;
    entries.region += cache.entries.region;
    capacity.regions += cache.capacity.regions;
    capacity.threadedBytes += cache.capacity.threadedBytes;
  }
  return { entries, capacity };
}

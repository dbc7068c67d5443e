import { threadedCode } from '../../memory/control-memory.ts';
import { EngineFault } from '../../memory/engine-fault.ts';

/** How much translated code a machine keeps. */
export interface CacheCapacity {
  /** Regions (20,000 modules cost about 265 MB). */
  readonly regions: number;
  /** Bytes of threaded code. */
  readonly threadedBytes: number;
}

const largest: CacheCapacity = { regions: 6000, threadedBytes: threadedCode.size };
/** Two segments, in each of which one block of a few instructions has room. */
const least: CacheCapacity = { regions: 1, threadedBytes: 1024 };

/** The capacity asked for, or the default. Throws EngineFault for one that cannot be. */
export function capacityOf(asked: Partial<CacheCapacity> = {}): CacheCapacity {
  const capacity = { ...largest, ...asked };
  for (const name of ['regions', 'threadedBytes'] as const) {
    const value = capacity[name];
    const [low, high] = [least[name], name === 'regions' ? Number.MAX_SAFE_INTEGER : largest[name]];
    if (!Number.isSafeInteger(value) || value < low || value > high)
      throw new EngineFault(
        'cache-capacity',
        `a translation cache of ${value} ${name}: give a whole number from ${low} to ${high}`,
        { [name]: value },
      );
  }
  return capacity;
}

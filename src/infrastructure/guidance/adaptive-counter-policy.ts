import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';

/** The fewest entries after which a region is translated. */
const leastLimit = 1024;
/** Instructions that the guest is to retire for each region that is translated, or the limit rises in proportion. */
const instructionsPerRegion = 16e6;
/** What was entered that often is translated in any case. */
const greatestLimit = 65_536;

/**
 * Counts, with a limit that follows how much is translated for what is executed: a program whose time is in few loops gets them
 * translated at once; one that runs much code a little waits longer for each. Holds the state of one run.
 */
export function adaptiveCounterPolicy(): TranslationPolicy {
  let regions = 0;
  return {
    name: 'adaptive',
    patience({ entries, now }) {
      const limit = leastLimit * Math.max(1, (regions * instructionsPerRegion) / Math.max(1, now));
      if (entries >= Math.min(limit, greatestLimit)) {
        regions++;
        return 0;
      }
      // The limit will be another one when the block is hot: look again at each doubling.
      return Math.max(leastLimit, entries);
    },
  };
}

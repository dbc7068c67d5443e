import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';
import { keptFirst } from './kept-first.ts';

/** How often a block is interpreted before its region is translated, when nobody says otherwise. */
export const usualLimit = 8000;

/** Translates what was interpreted `limit` times: 0 everything at first sight, Infinity nothing. */
export const counterPolicy = (limit: number): TranslationPolicy => ({
  name: 'counter',
  patience: ({ entries }) => (limit === Infinity ? Infinity : Math.max(0, limit - entries)),
  first: Math.max(0, limit),
});

/**
 * Instructions that a guest retires before its first region: as many as are interpreted in the time that the first one costs, when nothing
 * of the translator has been compiled and guest memory is yet to be guarded.
 */
const beforeFirstRegion = 4e6;
/** What is entered that often before is translated all the same. */
const certainlyHot = 16 * usualLimit;

/** Entries after which a block that was met early is looked at again: it may be kept. */
const lookedAgain = 1024;

/** Counts to the usual limit, but translates nothing of a program that does little. */
export const usualPolicy: TranslationPolicy = keptFirst({
  name: 'counter',
  patience: ({ entries, now }) => {
    if (now < beforeFirstRegion && entries < certainlyHot) return lookedAgain;
    return Math.max(0, usualLimit - entries);
  },
  first: lookedAgain,
});

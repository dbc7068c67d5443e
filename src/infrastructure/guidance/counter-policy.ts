import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';

/** How often a block is interpreted before its region is translated, when nobody says otherwise. */
export const usualLimit = 8000;

/** Translates what was interpreted `limit` times: 0 everything at first sight, Infinity nothing. */
export const counterPolicy = (limit: number): TranslationPolicy => ({
  name: 'counter',
  patience: ({ entries }) => (limit === Infinity ? Infinity : Math.max(0, limit - entries)),
});

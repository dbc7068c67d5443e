import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';

/**
 * Instructions that a guest retires before its first kept region: as many as are interpreted in the time that it takes to have guest memory
 * guarded. Until the second limit only a block that is hot already brings it about: a program that does little of many things has
 * warm blocks, too. Measured (esbuild --version, 2.2 million instructions, with what a longer run kept): 350 ms of CPU time with every
 * kept block, 250 with hot ones; loops are as fast.
 */
export const [beforeFirstKept, beforeEveryKept] = [1e6, 3e6];
/** Entries of a block that is hot already. */
export const hot = 4096;

/** Has code that earlier processes translated taken over as soon as it is met, once the guest does more than a little. */
export const keptFirst = (policy: TranslationPolicy): TranslationPolicy => ({
  ...policy,
  patience: (candidate) => {
    const { now, entries, kept } = candidate;
    if (now >= beforeEveryKept && kept) return 0;
    const usual = policy.patience(candidate);
    return now >= beforeFirstKept && kept ? Math.min(usual, Math.max(0, hot - entries)) : usual;
  },
});

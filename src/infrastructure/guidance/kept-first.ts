import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';

/**
 * Instructions that a guest retires before its first kept region: as many as are interpreted in the time that it takes to have guest memory
 * guarded.
 */
export const beforeFirstKept = 1e6;

/** Has code that earlier processes translated taken over as soon as it is met, once the guest does more than a little. */
export const keptFirst = (policy: TranslationPolicy): TranslationPolicy => ({
  ...policy,
  patience: (candidate) =>
    candidate.now >= beforeFirstKept && candidate.kept ? 0 : policy.patience(candidate),
});

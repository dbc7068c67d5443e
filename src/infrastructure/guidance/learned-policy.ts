import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';
import { probability, type PromotionModel } from '../../domain/guidance/promotion-model.ts';
import { firstMilestone, milestoneFactor } from '../../domain/profile/profile.ts';

/**
 * Asks a model at each milestone of a block whether it will be entered often enough to pay; translates it when that is more likely than not,
 * or when it has been.
 */
export const learnedPolicy = (model: PromotionModel): TranslationPolicy => ({
  name: 'learned',
  patience(candidate) {
    const { entries } = candidate;
    if (entries < firstMilestone) return firstMilestone - entries;
    if (entries >= model.pays || probability(model, candidate) >= 0.5) return 0;
    return Math.min(model.pays, entries * milestoneFactor) - entries;
  },
});

import type { PolicyFactory } from '../../application/ports/translation-policy.ts';
import { usualPays } from '../../domain/profile/profile.ts';
import { adaptiveCounterPolicy } from './adaptive-counter-policy.ts';
import { usualLimit } from './counter-policy.ts';
import { keptFirst } from './kept-first.ts';
import { learnedPolicy } from './learned-policy.ts';
import { profilePolicy } from './profile-policy.ts';
import { usualModel } from './usual-model.ts';

/** The policies that a run can choose from. */
export const policies: PolicyFactory = {
  adaptive: () => keptFirst(adaptiveCounterPolicy()),
  profile: (blocks) => keptFirst(profilePolicy(blocks, { limit: usualLimit, pays: usualPays })),
  learned: (model) => keptFirst(learnedPolicy(model)),
  usualModel,
};

import type { PromotionInput, PromotionModel } from '../../domain/guidance/promotion-model.ts';
import type { ProfiledBlock } from '../../domain/profile/events.ts';

/** A block that is interpreted, when a policy is asked about it. What it is made of is found out only when it is read. */
export interface Candidate extends PromotionInput {
  readonly address: number;
  /** The code of the basic block. */
  readonly code: Uint8Array;
  /** Whether an earlier process has translated the region that begins here, so that it can be had at little cost. */
  readonly kept: boolean;
}

/** Decides which code is translated when. What it decides changes how long a run takes, never what the run does. */
export interface TranslationPolicy {
  readonly name: string;
  /**
   * How many more times the block is to be interpreted before this is asked again; 0: its region is translated now; Infinity:
   * never. Asked when the block is first met (`entries` is 0), and then as it said itself.
   */
  patience(candidate: Candidate): number;
  /** What it answers of every block that is first met; it is not asked then. */
  readonly first?: number;
}

/** Makes policies, each for one run; without one, an engine counts. */
export interface PolicyFactory {
  adaptive(): TranslationPolicy;
  profile(blocks: Iterable<ProfiledBlock>): TranslationPolicy;
  learned(model: PromotionModel): TranslationPolicy;
  /** The model that is used unless another is given. */
  readonly usualModel: PromotionModel;
}

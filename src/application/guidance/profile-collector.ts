import type { ProfiledBlock } from '../../domain/profile/events.ts';
import { entriesOf, firstMilestone, milestoneFactor } from '../../domain/profile/profile.ts';
import type { HashFunction } from '../../domain/shared/digest.ts';
import type { Candidate, TranslationPolicy } from '../ports/translation-policy.ts';

/** Has everything interpreted, and notes when blocks reach their milestones. */
export class ProfileCollector implements TranslationPolicy {
  readonly name = 'collecting';
  readonly #hash: HashFunction;
  readonly #blocks = new Map<string, ProfiledBlock & { readonly milestones: number[] }>();

  constructor(hash: HashFunction) {
    this.#hash = hash;
  }

  patience(candidate: Candidate): number {
    const { entries } = candidate;
    if (entries < firstMilestone) return firstMilestone - entries;
    this.#note(candidate);
    return entries * milestoneFactor - entries;
  }

  /** In the order of their addresses. */
  blocks(): readonly ProfiledBlock[] {
    return [...this.#blocks.values()].sort((a, b) => a.address - b.address);
  }

  /** Of several processes that enter the block, the first to reach a milestone counts. */
  #note({ address, code, entries, features, firstSeen, now }: Candidate): void {
    const digest = this.#hash(code);
    const key = `${address} ${digest}`;
    let block = this.#blocks.get(key);
    if (!block) {
      block = { address, code: digest, features, firstSeen, milestones: [] };
      this.#blocks.set(key, block);
    }
    if (entries > entriesOf(block)) block.milestones.push(now);
  }
}

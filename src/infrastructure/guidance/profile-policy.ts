import type { TranslationPolicy } from '../../application/ports/translation-policy.ts';
import type { ProfiledBlock } from '../../domain/profile/events.ts';
import { entriesOf } from '../../domain/profile/profile.ts';
import { nodeHash } from '../hashing/node-hash.ts';

/** Whatever is hot is entered so often first where a region had best begin: at a loop's header, not on the first way into it. */
const early = 64;

/**
 * Translates what a profile says will be entered `pays` times or more as soon as it was interpreted a few times, and has patience with
 * what it says will not; code that the profile does not know waits until it was interpreted `limit` times.
 */
export function profilePolicy(
  blocks: Iterable<ProfiledBlock>,
  { limit, pays }: { readonly limit: number; readonly pays: number },
): TranslationPolicy {
  const byAddress = new Map<number, ProfiledBlock[]>();
  for (const block of blocks) byAddress.set(block.address, [...(byAddress.get(block.address) ?? []), block]);
  return {
    name: 'profile',
    patience(candidate) {
      const known = byAddress.get(candidate.address);
      if (known === undefined) return Math.max(0, limit - candidate.entries);
      const code = nodeHash(candidate.code);
      const block = known.find((each) => each.code === code);
      if (block === undefined) return Math.max(0, limit - candidate.entries);
      const limitOfBlock = entriesOf(block) >= pays ? early : pays;
      return Math.max(0, limitOfBlock - candidate.entries);
    },
  };
}

import { entriesOf } from '../../domain/profile/profile.ts';
import type { HashFunction } from '../../domain/shared/digest.ts';
import type { OpenAheadTranslator } from '../ports/ahead-translator.ts';
import type { Stores } from '../recording/journal.ts';
import { setupOf } from '../run-program.ts';
import { requiredProfile } from './choose-policy.ts';
import { GuidanceError } from './guidance-error.ts';
import type { TranslateRequest, TranslateResult } from './guidance.ts';

export interface TranslateParts {
  readonly stores: Stores;
  readonly hash: HashFunction;
  readonly openAhead: OpenAheadTranslator;
}

/** Entries in a profile of a shorter run, from which code is worth keeping. */
export const usuallyHot = 4096;

/** Translates what a program's profile calls hot, for later runs to begin with. Throws `no-profile`, `damaged-profile`, `no-cache`. */
export async function translateAhead(
  request: TranslateRequest,
  { stores, hash, openAhead }: TranslateParts,
): Promise<TranslateResult> {
  const program = hash(request.program);
  const profile = await requiredProfile(stores, program);
  const translator = await openAhead();
  if (!translator)
    throw new GuidanceError(
      'no-cache',
      'there is no place to keep translated code: name a directory in ISOCHRON_CACHE, or leave it unset',
    );
  const least = request.entries ?? usuallyHot;
  const hot = [...profile.blocks.values()]
    .filter((block) => entriesOf(block) >= least)
    .sort((a, b) => entriesOf(b) - entriesOf(a) || a.address - b.address);
  const { signal, onProgress, jobs = 1 } = request;
  const addresses = [...new Set(hot.map(({ address }) => address))];
  const outcome = await translator.translate({
    setup: setupOf(request),
    addresses,
    jobs,
    signal,
    onProgress,
  });
  const { translated, known, without } = outcome;
  const complete = translated + known + without === addresses.length;
  return { program, blocks: addresses.length, ...outcome, complete };
}

import type { Digest } from '../../domain/shared/digest.ts';
import type { RunRequest } from '../isochron.ts';
import type { PolicyFactory, TranslationPolicy } from '../ports/translation-policy.ts';
import type { Stores } from '../recording/journal.ts';
import type { TakenProfile } from './guidance.ts';
import { GuidanceError } from './guidance-error.ts';
import { readProfile } from './profile-log.ts';

/** The profile of a program; undefined when there is none. Throws `damaged-profile`. */
export async function takenProfile({ events }: Stores, program: Digest): Promise<TakenProfile | undefined> {
  const { state } = await readProfile(events, program);
  return state.status === 'taken' ? state : undefined;
}

/** The profile of a program. Throws `no-profile`, `damaged-profile`. */
export async function requiredProfile(stores: Stores, program: Digest): Promise<TakenProfile> {
  const taken = await takenProfile(stores, program);
  if (taken) return taken;
  throw new GuidanceError(
    'no-profile',
    `program ${program} has no profile in this store: record a run of it, and make one with isochron profile build RECORDING`,
    { program },
  );
}

/** The policy that a run of a program asked for, whose digest is worked out if need be; undefined when the engine is to count. Throws `no-profile`. */
export async function policyOf(
  { guidance, model }: Pick<RunRequest, 'guidance' | 'model'>,
  digestOf: () => Digest,
  { stores, policies }: { readonly stores: Stores; readonly policies: PolicyFactory },
): Promise<TranslationPolicy | undefined> {
  if (guidance === 'learned') return policies.learned(model ?? policies.usualModel);
  if (guidance === 'adaptive') return policies.adaptive();
  if (guidance !== 'profile') return undefined;
  const { blocks } = await requiredProfile(stores, digestOf());
  return policies.profile(blocks.values());
}

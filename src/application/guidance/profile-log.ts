import type { ProfileTakenData } from '../../domain/profile/events.ts';
import { profile, profileStream, type ProfileState } from '../../domain/profile/profile.ts';
import { readProfileEvent } from '../../domain/profile/read-event.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import type { Json } from '../../domain/shared/event.ts';
import type { EventStore } from '../ports/event-store.ts';
import { GuidanceError } from './guidance-error.ts';

const prefix = profileStream('' as Digest);

/** The programs that have a profile. */
export const profiledPrograms = async (events: EventStore): Promise<readonly Digest[]> =>
  (await events.streams(prefix)).map((stream) => stream.slice(prefix.length) as Digest);

/** A program's profile, and the last revision of its stream (-1: none). Throws `damaged-profile`. */
export async function readProfile(
  events: EventStore,
  program: Digest,
): Promise<{ readonly state: ProfileState; readonly revision: number }> {
  let state = profile.initial;
  let revision = -1;
  for await (const stored of events.read(profileStream(program))) {
    const read = readProfileEvent(stored);
    if (!read.ok)
      throw new GuidanceError(
        'damaged-profile',
        `event ${stored.revision.toString()} of the profile of program ${program} cannot be used: ${read.error}; forget the profile and build it anew`,
        { program, revision: stored.revision },
      );
    state = profile.evolve(state, read.value);
    revision = stored.revision;
  }
  return { state, revision };
}

/** Adds what was counted to a program's profile. Throws `invalid-profile`, `damaged-profile`. */
export async function addToProfile(
  taken: ProfileTakenData,
  program: Digest,
  { events, newId }: { readonly events: EventStore; readonly newId: () => string },
): Promise<void> {
  for (;;) {
    const { state, revision } = await readProfile(events, program);
    const decided = profile.decide({ type: 'TakeProfile', profile: taken }, state);
    if (!decided.ok)
      throw new GuidanceError(
        'invalid-profile',
        `the profile of program ${program} was refused: ${JSON.stringify(decided.error)}`,
        { program },
      );
    const appended = await events.append(
      profileStream(program),
      revision < 0 ? 'none' : revision,
      decided.value.map(({ type, version, data }) => ({
        id: newId(),
        type,
        version,
        data: data as unknown as Json,
      })),
    );
    // Another process may have added to it meanwhile.
    if (appended.ok) return;
  }
}

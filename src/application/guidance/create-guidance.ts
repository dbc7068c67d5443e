import { profileStream } from '../../domain/profile/profile.ts';
import { takenProfile } from './choose-policy.ts';
import type { Guidance } from './guidance.ts';
import { profiledPrograms } from './profile-log.ts';
import { type ProfileParts, profileRecording } from './profile-recording.ts';
import { trainModel } from './train-model.ts';
import { translateAhead, type TranslateParts } from './translate-ahead.ts';

/** The use cases of guidance over one store. */
export function createGuidance(parts: ProfileParts & TranslateParts): Guidance {
  const { events } = parts.stores;
  return {
    profile: (request) => profileRecording(request, parts),
    profileOf: (program) => takenProfile(parts.stores, program),
    translate: (request) => translateAhead(request, parts),
    profiled: () => profiledPrograms(events),
    forget: (program) => events.delete(profileStream(program)),
    train: async () => {
      const programs = await profiledPrograms(events);
      const profiles = await Promise.all(programs.map((program) => takenProfile(parts.stores, program)));
      return trainModel(profiles.flatMap((profile) => (profile ? [[...profile.blocks.values()]] : [])));
    },
  };
}

import {
  count,
  digest,
  list,
  literal,
  positive,
  type RawEvent,
  readEvent,
  type Schemas,
  shape,
  text,
  type Upcasters,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { ProfileEvent } from './events.ts';

const bit = literal(0, 1);

/** Turns stored data back into a profile's events. */
const schemas: Schemas<ProfileEvent['type']> = {
  ProfileTaken: {
    version: 1,
    fields: {
      isa: text,
      mode: text,
      recording: text,
      instructions: count,
      blocks: list(
        shape({
          address: count,
          code: digest,
          features: shape({
            instructions: positive,
            loads: count,
            stores: count,
            floats: count,
            backward: bit,
            calls: bit,
            returns: bit,
            indirect: bit,
          }),
          firstSeen: count,
          milestones: list(count),
        }),
      ),
    },
  },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readProfileEvent = (raw: RawEvent): Result<ProfileEvent, string> =>
  readEvent<ProfileEvent>(raw, schemas, upcasters);

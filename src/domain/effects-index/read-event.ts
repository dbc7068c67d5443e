import {
  count,
  digest,
  list,
  positive,
  type RawEvent,
  readEvent,
  type Schemas,
  shape,
  text,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { EffectsIndexEvent } from './events.ts';

/** Turns stored data back into the events of an effects index; no event has an older version yet. */
const schemas: Schemas<EffectsIndexEvent['type']> = {
  IndexBegun: { version: 1, fields: { recording: text, sliceLength: positive, chunkSlices: positive } },
  ChunkIndexed: {
    version: 1,
    fields: {
      chunk: count,
      until: positive,
      content: digest,
      size: count,
      states: list(shape({ icount: count, replies: count, snapshot: digest })),
    },
  },
  ChunkLost: { version: 1, fields: { chunk: count, content: digest, reason: text } },
};

/** The event; or why it is none. */
export const readEffectsIndexEvent = (raw: RawEvent): Result<EffectsIndexEvent, string> =>
  readEvent<EffectsIndexEvent>(raw, schemas, {});

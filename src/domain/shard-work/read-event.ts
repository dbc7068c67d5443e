import {
  count,
  literal,
  type RawEvent,
  readEvent,
  type Schemas,
  text,
  type Upcasters,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { ShardWorkEvent, ShardWorkEventType } from './events.ts';

/** Turns stored data back into offers of work. */
const schemas: Schemas<ShardWorkEventType> = {
  ShardOffered: {
    version: 1,
    fields: { kind: literal('verification', 'replay', 'index'), campaign: text, shard: count },
  },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readShardWorkEvent = (raw: RawEvent): Result<ShardWorkEvent, string> =>
  readEvent<ShardWorkEvent>(raw, schemas, upcasters);

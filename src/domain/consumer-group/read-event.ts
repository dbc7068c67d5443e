import {
  count,
  type RawEvent,
  readEvent,
  type Schemas,
  text,
  type Upcasters,
} from '../shared/event-schema.ts';
import type { Result } from '../shared/result.ts';
import type { ConsumerGroupEvent, ConsumerGroupEventType } from './events.ts';

/** Turns stored data back into a consumer group's events. */
const schemas: Schemas<ConsumerGroupEventType> = {
  EventClaimed: { version: 1, fields: { event: count, consumer: text, until: count, retries: count } },
  ClaimRenewed: { version: 1, fields: { event: count, consumer: text, until: count } },
  EventAcknowledged: { version: 1, fields: { event: count, consumer: text } },
  EventReturned: { version: 1, fields: { event: count, consumer: text, reason: text } },
  EventParked: { version: 1, fields: { event: count, reason: text } },
  EventUnparked: { version: 1, fields: { event: count } },
};

/** No event has an older version yet. */
const upcasters: Upcasters = {};

/** The event, upcast to its present version; or why it is none. */
export const readConsumerGroupEvent = (raw: RawEvent): Result<ConsumerGroupEvent, string> =>
  readEvent<ConsumerGroupEvent>(raw, schemas, upcasters);

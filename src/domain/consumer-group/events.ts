import type { DomainEvent } from '../shared/event.ts';

/**
 * What can happen to a group of consumers that share the events of a stream, in a store whose server does not hand them out
 * itself. An event of the shared stream is named by its revision. Times are wall-clock milliseconds since 1970, of the
 * machine whose processes share the store.
 */

/** A consumer was given an event, and has it for itself until then. */
export interface EventClaimedData {
  readonly event: number;
  /** The consumer, by a name of its own. */
  readonly consumer: string;
  /** Without a sign of life by then, the event is for others. */
  readonly until: number;
  /** How often the event was handed out before. */
  readonly retries: number;
}

/** A consumer that is still at work keeps its events. */
export interface ClaimRenewedData {
  readonly event: number;
  readonly consumer: string;
  readonly until: number;
}

/** A consumer is done with an event: nobody gets it again. */
export interface EventAcknowledgedData {
  readonly event: number;
  readonly consumer: string;
}

/** A consumer gave an event back, for others to try. */
export interface EventReturnedData {
  readonly event: number;
  readonly consumer: string;
  readonly reason: string;
}

/** An event was put aside: it failed too often, or a consumer said so. */
export interface EventParkedData {
  readonly event: number;
  readonly reason: string;
}

/** A parked event is handed out again, as if for the first time. */
export interface EventUnparkedData {
  readonly event: number;
}

export type ConsumerGroupEvent =
  | DomainEvent<'EventClaimed', 1, EventClaimedData>
  | DomainEvent<'ClaimRenewed', 1, ClaimRenewedData>
  | DomainEvent<'EventAcknowledged', 1, EventAcknowledgedData>
  | DomainEvent<'EventReturned', 1, EventReturnedData>
  | DomainEvent<'EventParked', 1, EventParkedData>
  | DomainEvent<'EventUnparked', 1, EventUnparkedData>;

export type ConsumerGroupEventType = ConsumerGroupEvent['type'];

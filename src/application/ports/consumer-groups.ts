import type { StoredEvent } from './event-store.ts';

/** An event that one consumer of a group has for itself until it says what became of it. */
export interface Delivery {
  readonly event: StoredEvent;
  /** How often the event was handed out before. */
  readonly retries: number;
  /** The event is done: nobody gets it again. Too late, it changes nothing. */
  acknowledge(): Promise<void>;
  /** The event is for others to try; handed out too often, it is parked. */
  giveBack(reason: string): Promise<void>;
  /** The event is put aside until `unpark`. */
  park(reason: string): Promise<void>;
}

export interface GroupSettings {
  /** How long a consumer without a sign of life keeps an event, ms. */
  readonly patience: number;
  /** How often an event is handed out again before it is parked. */
  readonly mostRetries: number;
}

/** An event that was put aside. */
export interface ParkedEvent {
  readonly event: StoredEvent;
  readonly reason: string;
}

/**
 * Groups of consumers that share a stream (persistent subscriptions): each event, from the first on, goes to one of them
 * until it is acknowledged or parked. Laws: no event is lost, whatever becomes of consumers; an event may be delivered more
 * than once, so what is done with it must bear that; a group is known by its name and outlives its consumers. Faults
 * (`StoreFault`) are thrown.
 */
export interface ConsumerGroups {
  /** What this consumer is given, one at a time, until `signal` aborts; an event not settled before the next is asked for is given back. */
  consume(
    stream: string,
    group: string,
    settings: GroupSettings,
    signal: AbortSignal,
  ): AsyncIterable<Delivery>;
  parked(stream: string, group: string): Promise<readonly ParkedEvent[]>;
  /** Hands out parked events again; gives how many. */
  unpark(stream: string, group: string): Promise<number>;
}

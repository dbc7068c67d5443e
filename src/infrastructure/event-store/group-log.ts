import { randomUUID } from 'node:crypto';
import { DecidedStream } from '../../application/decided-stream.ts';
import type { GroupSettings } from '../../application/ports/consumer-groups.ts';
import type { EventStore, StoredEvent } from '../../application/ports/event-store.ts';
import { StoreFault } from '../../application/ports/store-fault.ts';
import {
  consumerGroup,
  type ConsumerGroupCommand,
  type ConsumerGroupRefusal,
  type ConsumerGroupState,
} from '../../domain/consumer-group/consumer-group.ts';
import type { ConsumerGroupEvent } from '../../domain/consumer-group/events.ts';
import { readConsumerGroupEvent } from '../../domain/consumer-group/read-event.ts';

/** A consumer group's own stream: decides on its last event, again when another consumer was first. */
export class GroupLog {
  readonly name: string;
  readonly #events: EventStore;
  readonly #stream: string;
  readonly #log: DecidedStream<
    ConsumerGroupCommand,
    ConsumerGroupState,
    ConsumerGroupEvent,
    ConsumerGroupRefusal
  >;
  #length = 0;

  constructor(events: EventStore, stream: string, group: string) {
    this.name = `group-${group}-${stream}`;
    this.#events = events;
    this.#stream = stream;
    this.#log = new DecidedStream({
      events,
      stream: this.name,
      decider: consumerGroup,
      read: readConsumerGroupEvent,
      newId: randomUUID,
      damaged: (stored, why) => {
        const message = `event ${String(stored.revision)} of ${stored.stream} cannot be used: ${why}`;
        return new StoreFault('store-damaged', message, { stream: stored.stream, revision: stored.revision });
      },
    });
  }

  /** The next event for this consumer; or how long to wait for one, ms. */
  async claim(
    consumer: string,
    { patience, mostRetries }: GroupSettings,
  ): Promise<{ readonly event: StoredEvent; readonly retries: number } | { readonly wait: number }> {
    for (;;) {
      const decided = await this.#log.decide(async () => {
        for await (const { revision } of this.#events.read(this.#stream, { from: this.#length }))
          this.#length = revision + 1;
        const now = Date.now();
        return {
          type: 'ClaimEvent',
          length: this.#length,
          consumer,
          now,
          until: now + patience,
          mostRetries,
        };
      });
      if (!decided.ok) {
        const { error } = decided;
        const next = error.reason === 'nothing-to-claim' ? error.next : undefined;
        return { wait: next === undefined ? patience : Math.max(1, next - Date.now()) };
      }
      const claimed = decided.value.find((event) => event.type === 'EventClaimed');
      if (claimed === undefined) continue;
      const { event: revision, retries } = claimed.data;
      for await (const event of this.#events.read(this.#stream, { from: revision, limit: 1 }))
        return { event, retries };
      throw new StoreFault('store-damaged', `event ${String(revision)} of ${this.#stream} is missing`);
    }
  }

  async renew(event: number, consumer: string, patience: number): Promise<void> {
    await this.#log.decide(() => ({ type: 'RenewClaim', event, consumer, until: Date.now() + patience }));
  }

  /** Says what became of a claimed event; nothing when it was claimed by another meanwhile. */
  async settle(
    command: Extract<ConsumerGroupCommand, { type: 'AcknowledgeEvent' | 'ReturnEvent' | 'ParkEvent' }>,
  ): Promise<void> {
    await this.#log.decide(() => command);
  }

  async parked(): Promise<ConsumerGroupState['parked']> {
    return (await this.#log.refresh()).parked;
  }

  async unpark(): Promise<number> {
    const decided = await this.#log.decide(() => ({ type: 'UnparkEvents' }));
    return decided.ok ? decided.value.length : 0;
  }
}

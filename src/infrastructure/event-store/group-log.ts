import { randomUUID } from 'node:crypto';
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
import type { Json } from '../../domain/shared/event.ts';
import type { Result } from '../../domain/shared/result.ts';

/** A consumer group's own stream: decides on its last event, again when another consumer was first. */
export class GroupLog {
  readonly name: string;
  readonly #events: EventStore;
  readonly #stream: string;
  #state: ConsumerGroupState = consumerGroup.initial;
  #revision = -1;
  #length = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(events: EventStore, stream: string, group: string) {
    this.name = `group-${group}-${stream}`;
    this.#events = events;
    this.#stream = stream;
  }

  /** The next event for this consumer; or how long to wait for one, ms. */
  async claim(
    consumer: string,
    { patience, mostRetries }: GroupSettings,
  ): Promise<{ readonly event: StoredEvent; readonly retries: number } | { readonly wait: number }> {
    for (;;) {
      const decided = await this.#decide(async () => {
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
    await this.#decide(() =>
      Promise.resolve({ type: 'RenewClaim', event, consumer, until: Date.now() + patience }),
    );
  }

  /** Says what became of a claimed event; nothing when it was claimed by another meanwhile. */
  async settle(
    command: Extract<ConsumerGroupCommand, { type: 'AcknowledgeEvent' | 'ReturnEvent' | 'ParkEvent' }>,
  ): Promise<void> {
    await this.#decide(() => Promise.resolve(command));
  }

  async parked(): Promise<ConsumerGroupState['parked']> {
    await this.#refresh();
    return this.#state.parked;
  }

  async unpark(): Promise<number> {
    const decided = await this.#decide(() => Promise.resolve({ type: 'UnparkEvents' }));
    return decided.ok ? decided.value.length : 0;
  }

  /** One decision at a time; `command` is made anew for each attempt. */
  #decide(
    command: () => Promise<ConsumerGroupCommand>,
  ): Promise<Result<readonly ConsumerGroupEvent[], ConsumerGroupRefusal>> {
    const turn = this.#turn.then(async () => {
      for (;;) {
        await this.#refresh();
        const decided = consumerGroup.decide(await command(), this.#state);
        if (!decided.ok || decided.value.length === 0) return decided;
        const appended = await this.#events.append(
          this.name,
          this.#revision < 0 ? 'none' : this.#revision,
          decided.value.map(({ type, version, data }) => ({
            id: randomUUID(),
            type,
            version,
            data: data as unknown as Json,
          })),
        );
        if (appended.ok) return decided;
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #refresh(): Promise<void> {
    for await (const stored of this.#events.read(this.name, { from: this.#revision + 1 })) {
      const read = readConsumerGroupEvent(stored);
      if (!read.ok) {
        const message = `event ${String(stored.revision)} of ${this.name} cannot be used: ${read.error}`;
        throw new StoreFault('store-damaged', message, { stream: this.name, revision: stored.revision });
      }
      this.#state = consumerGroup.evolve(this.#state, read.value);
      this.#revision = stored.revision;
    }
  }
}

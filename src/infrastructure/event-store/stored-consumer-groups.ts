import { randomUUID } from 'node:crypto';
import type {
  ConsumerGroups,
  Delivery,
  GroupSettings,
  ParkedEvent,
} from '../../application/ports/consumer-groups.ts';
import type { EventStore, StoredEvent } from '../../application/ports/event-store.ts';
import { ChangeSignal } from './change-signal.ts';
import { GroupLog } from './group-log.ts';

/**
 * Consumer groups for stores without a server: who has which event is a stream of events itself, `group-GROUP-STREAM`, on
 * which all consumers agree by its expected revision. A consumer that dies is noticed when its claim ends.
 */
export class StoredConsumerGroups implements ConsumerGroups {
  readonly #events: EventStore;

  constructor(events: EventStore) {
    this.#events = events;
  }

  async *consume(
    stream: string,
    group: string,
    settings: GroupSettings,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery> {
    const consumer = randomUUID();
    const log = new GroupLog(this.#events, stream, group);
    const leaving = new AbortController();
    const ended = AbortSignal.any([signal, leaving.signal]);
    const changed = new ChangeSignal();
    const watching = Promise.all(
      [stream, log.name].map((name) => this.#watch(name, changed, ended, leaving)),
    );
    try {
      while (!signal.aborted) {
        const mark = changed.mark;
        const claimed = await log.claim(consumer, settings);
        if ('event' in claimed) {
          yield* this.#deliver(log, consumer, claimed, settings);
        } else {
          const wake = setTimeout(
            () => {
              changed.notify();
            },
            Math.min(claimed.wait, settings.patience),
          );
          await changed.wait(mark, ended);
          clearTimeout(wake);
          if (leaving.signal.aborted) throw leaving.signal.reason;
        }
      }
    } finally {
      leaving.abort();
      await watching;
    }
  }

  async parked(stream: string, group: string): Promise<readonly ParkedEvent[]> {
    const parked: ParkedEvent[] = [];
    for (const [revision, reason] of await new GroupLog(this.#events, stream, group).parked())
      for await (const event of this.#events.read(stream, { from: revision, limit: 1 }))
        parked.push({ event, reason });
    return parked;
  }

  unpark(stream: string, group: string): Promise<number> {
    return new GroupLog(this.#events, stream, group).unpark();
  }

  /** One event, whose claim is renewed while its consumer is at work. */
  async *#deliver(
    log: GroupLog,
    consumer: string,
    { event, retries }: { readonly event: StoredEvent; readonly retries: number },
    { patience }: GroupSettings,
  ): AsyncGenerator<Delivery> {
    const { revision } = event;
    let open = true;
    const settle = async (work: () => Promise<void>): Promise<void> => {
      if (!open) return;
      open = false;
      clearInterval(renewal);
      await work();
    };
    const renewal = setInterval(() => {
      void log.renew(revision, consumer, patience).catch(() => {
        clearInterval(renewal);
      });
    }, patience / 3);
    try {
      yield {
        event,
        retries,
        acknowledge: () => settle(() => log.settle({ type: 'AcknowledgeEvent', event: revision, consumer })),
        giveBack: (reason) =>
          settle(() => log.settle({ type: 'ReturnEvent', event: revision, consumer, reason })),
        park: (reason) => settle(() => log.settle({ type: 'ParkEvent', event: revision, consumer, reason })),
      };
    } finally {
      await settle(() =>
        log.settle({ type: 'ReturnEvent', event: revision, consumer, reason: 'the consumer left' }),
      );
    }
  }

  async #watch(
    name: string,
    changed: ChangeSignal,
    signal: AbortSignal,
    leaving: AbortController,
  ): Promise<void> {
    const last = this.#events.read(name, { direction: 'backwards', limit: 1 });
    try {
      let from = 0;
      for await (const { revision } of last) from = revision + 1;
      changed.notify();
      for await (const { revision } of this.#events.subscribe(name, from, signal))
        if (revision >= from) changed.notify();
    } catch (error) {
      leaving.abort(error);
    }
  }
}

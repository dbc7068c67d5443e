import type { EventLog, LoggedEvent } from './event-log.ts';

export interface GroupConsumer {
  readonly bufferSize: number;
  deliver(event: LoggedEvent, retries: number): void;
}

interface Message {
  readonly event: LoggedEvent;
  retries: number;
}

/** A persistent subscription group as the server keeps it: round robin, retries, a time limit for each message, parking. */
export class ConsumerGroup {
  readonly parked: { readonly event: LoggedEvent; readonly reason: string }[] = [];
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #timeout: number;
  readonly #maxRetries: number;
  readonly #consumers = new Map<GroupConsumer, Map<string, Message>>();
  readonly #retry: Message[] = [];
  readonly #leave: () => void;
  #next = 0;

  constructor(log: EventLog, stream: string, timeout: number, maxRetries: number) {
    this.#log = log;
    this.#stream = stream;
    this.#timeout = timeout;
    this.#maxRetries = maxRetries;
    this.#leave = log.watch(() => {
      this.push();
    });
  }

  join(consumer: GroupConsumer): void {
    this.#consumers.set(consumer, new Map());
    this.push();
  }

  /** What a consumer had goes to the others. */
  leave(consumer: GroupConsumer): void {
    const lost = this.#consumers.get(consumer);
    this.#consumers.delete(consumer);
    for (const message of lost?.values() ?? []) this.#again(message, 'the connection was lost');
    this.push();
  }

  acknowledge(consumer: GroupConsumer, id: string): void {
    this.#consumers.get(consumer)?.delete(id);
    this.push();
  }

  refuse(consumer: GroupConsumer, id: string, action: 'park' | 'retry', reason: string): void {
    const held = this.#consumers.get(consumer);
    const message = held?.get(id);
    held?.delete(id);
    if (message !== undefined && action === 'park') this.parked.push({ event: message.event, reason });
    else if (message !== undefined) this.#again(message, reason);
    this.push();
  }

  replayParked(): void {
    for (const { event } of this.parked.splice(0)) this.#retry.push({ event, retries: 0 });
    this.push();
  }

  push(): void {
    for (;;) {
      const free = [...this.#consumers].find(([{ bufferSize }, held]) => held.size < bufferSize);
      if (free === undefined) return;
      const message = this.#retry.shift() ?? this.#fresh();
      if (message === undefined) return;
      const [consumer, held] = free;
      held.set(message.event.id, message);
      // Whoever was served goes to the end of the round.
      this.#consumers.delete(consumer);
      this.#consumers.set(consumer, held);
      setTimeout(() => {
        if (held.get(message.event.id) !== message) return;
        held.delete(message.event.id);
        this.#again(message, 'timed out');
        this.push();
      }, this.#timeout).unref();
      consumer.deliver(message.event, message.retries);
    }
  }

  close(): void {
    this.#leave();
  }

  #fresh(): Message | undefined {
    const event = this.#log.stream(this.#stream)?.events[this.#next];
    if (event === undefined) return undefined;
    this.#next++;
    return { event, retries: 0 };
  }

  #again({ event, retries }: Message, reason: string): void {
    if (retries >= this.#maxRetries) this.parked.push({ event, reason });
    else this.#retry.push({ event, retries: retries + 1 });
  }
}

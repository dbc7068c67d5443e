import type { RecordedEvent } from '@eventstore/db-client';

/** What arrives: an event, when it is not about something else. */
export interface Arrival {
  readonly event?: RecordedEvent | undefined;
}

/** A stream of the client. */
export interface Arriving<T extends Arrival> {
  [Symbol.asyncIterator](): AsyncIterator<T>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'confirmation', listener: () => void): unknown;
  destroy(error?: Error): unknown;
}

export interface ArrivalOptions {
  /** How long to wait for the next event (a subscription: for its confirmation) before giving up, ms. */
  readonly limit: number;
  /** A subscription waits for its next event for as long as it takes. */
  readonly live: boolean;
  readonly signal: AbortSignal;
  /** Tells the server to stop. */
  readonly cancel: () => Promise<void>;
}

/** What arrives on a client's stream and holds an event, until it ends or its reader leaves. Throws what the stream reports, and when nothing arrives in time. */
export async function* arrivingEvents<T extends Arrival>(
  stream: Arriving<T>,
  { limit, live, signal, cancel }: ArrivalOptions,
): AsyncGenerator<T & { readonly event: RecordedEvent }> {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    stream.destroy(new Error(`nothing arrived within ${String(limit)} ms`));
  };
  const stop = (): void => {
    stream.destroy(new Error('stopped'));
  };
  const beDone = (): void => {
    clearTimeout(timer);
  };
  // The client reports errors also after nobody waits any more.
  stream.on('error', beDone);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  if (live) {
    timer = setTimeout(giveUp, limit);
    stream.once('confirmation', beDone);
  }
  try {
    const iterator = stream[Symbol.asyncIterator]();
    for (;;) {
      if (!live) timer = setTimeout(giveUp, limit);
      const { done, value } = await iterator.next();
      if (!live) beDone();
      if (done === true) return;
      if (value.event !== undefined) yield { ...value, event: value.event };
    }
  } finally {
    beDone();
    signal.removeEventListener('abort', stop);
    stream.destroy();
    void cancel().catch(() => undefined);
  }
}

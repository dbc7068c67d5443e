import type { Message, Numbered } from './sqlite-protocol.ts';
import { asPlainFault } from './sqlite-faults.ts';
import { openVerified } from './sqlite-opening.ts';
import type { SqliteLog, Write } from './sqlite-log.ts';

/**
 * Serves the requests of one store, in whichever thread.
 *
 * Laws:
 * - group commit: all writes that arrived while a transaction was running go into the next one;
 * - when a group fails, each of its writes is tried alone, so that none fails for another's sake;
 * - reads come after the writes that arrived before them.
 */
type WriteRequest = Extract<Numbered, { op: 'write' }>;

/** How often to look for other processes' appends, ms: one read of a shared-memory counter. */
const watchInterval = 50;

export class SqliteDesk {
  readonly #send: (message: Message) => void;
  #log: SqliteLog | undefined;
  #file = 'the event store';
  #queue: Numbered[] = [];
  #scheduled = false;
  #watch: NodeJS.Timeout | undefined;
  #seen = 0;

  constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  take(request: Numbered): void {
    this.#queue.push(request);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After everything that is waiting in the port.
    setImmediate(() => {
      this.#scheduled = false;
      const queue = this.#queue;
      this.#queue = [];
      this.#serve(queue);
    });
  }

  #serve(queue: readonly Numbered[]): void {
    const writes = queue.filter((request): request is WriteRequest => request.op === 'write');
    const before = queue.filter(({ op }) => op === 'open' || op === 'watch');
    const after = queue.filter(({ op }) => op !== 'open' && op !== 'watch' && op !== 'write');
    for (const request of before) this.#answer(request);
    this.#commit(writes);
    for (const request of after) this.#answer(request);
  }

  #commit(writes: readonly WriteRequest[]): void {
    if (writes.length === 0) return;
    try {
      const outcomes = this.#open.write(writes.map(({ write }): Write => write));
      writes.forEach(({ number }, index) => {
        this.#send({ kind: 'answer', number, value: outcomes[index] });
      });
      this.#send({ kind: 'changed' });
    } catch (error) {
      if (writes.length > 1) {
        for (const write of writes) this.#commit([write]);
      } else {
        this.#send({ kind: 'fault', number: writes[0]!.number, fault: asPlainFault(error, this.#file) });
      }
    }
  }

  #answer(request: Numbered): void {
    const { number } = request;
    try {
      this.#send({ kind: 'answer', number, value: this.#perform(request) });
    } catch (error) {
      this.#send({ kind: 'fault', number, fault: asPlainFault(error, this.#file) });
    }
  }

  #perform(request: Exclude<Numbered, { op: 'write' }> | Numbered): unknown {
    switch (request.op) {
      case 'open': {
        this.#file = request.file;
        const { log, damage } = openVerified(request.file, request.mode);
        this.#log = log;
        return damage;
      }
      case 'write':
        return this.#open.write([request.write])[0];
      case 'page':
        return this.#open.page(request.page);
      case 'streams':
        return this.#open.streams(request.prefix);
      case 'watch':
        this.#setWatch(request.on);
        return undefined;
      case 'close':
        this.#setWatch(false);
        this.#log?.close();
        this.#log = undefined;
        return undefined;
    }
  }

  get #open(): SqliteLog {
    if (this.#log === undefined) throw new Error('the store is not open');
    return this.#log;
  }

  #setWatch(on: boolean): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    if (!on) return;
    const log = this.#open;
    this.#seen = log.dataVersion();
    // Whoever began to watch may have looked before this moment.
    this.#send({ kind: 'changed' });
    this.#watch = setInterval(() => {
      const version = log.dataVersion();
      if (version === this.#seen) return;
      this.#seen = version;
      this.#send({ kind: 'changed' });
    }, watchInterval);
  }
}

import { statSync } from 'node:fs';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { fromPlainFault } from './sqlite-faults.ts';
import type { Answers, Message, Numbered, Request } from './sqlite-protocol.ts';
import { type StoreServer, type StoreServers, storeServers } from './store-server.ts';

/**
 * The requests of a store, on their way to who serves them: this thread as long as there is little to do, for starting another one
 * costs as much as a short recording; then a thread of its own, for good.
 *
 * Laws:
 * - requests are handed over in order, at most `mostInFlight` of weight at a time: the rest waits here, where it costs
 *   no second copy (that, and awaiting appends, is the backpressure);
 * - the store is open in one thread at a time: it moves when nothing is in flight;
 * - requests keep the process alive only while something is being asked, or awaited by a subscriber.
 */
const mostInFlight = 8 << 20;

/** So many writes, of so much weight, are done here. */
const mostHere = { writes: 64, weight: 4 << 20 } as const;
/** A file of more bytes, which is verified on opening, is opened by a thread. */
const largeFile = 1 << 20;

interface Pending {
  readonly request: Numbered;
  readonly weight: number;
  readonly resolve: (value: never) => void;
  readonly reject: (fault: StoreFault) => void;
}

type OpenRequest = Extract<Request, { op: 'open' }>;

export class StoreRequests {
  readonly #servers: StoreServers;
  #server: StoreServer;
  readonly #onChange: () => void;
  readonly #asked = new Map<number, Pending>();
  readonly #waiting: Pending[] = [];
  #next = 0;
  #inFlight = 0;
  #holders = 0;
  #gone: StoreFault | undefined;
  /** What is left to do here; undefined: the store has moved. */
  #here: { writes: number; weight: number } | undefined = { ...mostHere };
  #moving = false;
  #opened: OpenRequest | undefined;

  constructor(onChange: () => void, servers: StoreServers = storeServers) {
    this.#onChange = onChange;
    this.#servers = servers;
    this.#server = servers.here((message) => {
      this.#receive(message);
    });
  }

  /** `weight`: about how many bytes the request takes. Throws StoreFault. */
  ask<R extends Request>(request: R, weight = 100): Promise<Answers[R['op']]> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request: { ...request, number: this.#next++ }, weight, resolve, reject });
      this.#handOver();
    });
  }

  /** Keeps the process alive until `release`. */
  hold(): void {
    this.#holders++;
    this.#keepAlive();
  }

  release(): void {
    this.#holders--;
    this.#keepAlive();
  }

  async terminate(): Promise<void> {
    await this.#server.terminate();
  }

  #handOver(): void {
    while (!this.#moving) {
      const first = this.#waiting[0];
      if (first === undefined || (this.#asked.size > 0 && this.#inFlight + first.weight > mostInFlight))
        break;
      if (this.#isTooMuch(first)) {
        if (this.#asked.size === 0) void this.#move();
        break;
      }
      this.#waiting.shift();
      this.#post(first);
    }
    this.#keepAlive();
  }

  #post(pending: Pending): void {
    const { request, weight } = pending;
    this.#inFlight += weight;
    this.#asked.set(request.number, pending);
    if (request.op === 'open') this.#opened = request;
    if (request.op === 'write' && this.#here) {
      this.#here.writes--;
      this.#here.weight -= weight;
    }
    this.#server.post(request);
  }

  /** Whether a request is not to be served here. */
  #isTooMuch({ request, weight }: Pending): boolean {
    if (!this.#here) return false;
    const { op } = request;
    if (op === 'write') return this.#here.writes === 0 || this.#here.weight < weight;
    return (
      op === 'watch' || (op === 'open' && sizeOf(request.file) + sizeOf(`${request.file}-wal`) > largeFile)
    );
  }

  /** Has a thread go on. What it opens was verified here. */
  async #move(): Promise<void> {
    this.#moving = true;
    this.#here = undefined;
    try {
      if (this.#opened) await this.#askAtOnce({ op: 'close' });
      this.#server = this.#servers.inThread(
        (message) => {
          this.#receive(message);
        },
        (error) => {
          this.#end(error);
        },
      );
      if (this.#opened)
        await this.#askAtOnce({
          ...this.#opened,
          mode: { ...this.#opened.mode, alone: false, contents: false },
        });
    } catch (error) {
      this.#end(error);
    } finally {
      this.#moving = false;
      this.#handOver();
    }
  }

  #askAtOnce(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#post({ request: { ...request, number: this.#next++ }, weight: 0, resolve, reject });
      this.#keepAlive();
    });
  }

  #receive(message: Message): void {
    if (message.kind === 'changed') {
      this.#onChange();
      return;
    }
    const pending = this.#asked.get(message.number);
    if (pending === undefined) return;
    this.#asked.delete(message.number);
    this.#inFlight -= pending.weight;
    if (message.kind === 'answer') pending.resolve(message.value as never);
    else pending.reject(fromPlainFault(message.fault));
    this.#handOver();
  }

  #keepAlive(): void {
    this.#server.keepAlive(this.#asked.size + this.#holders > 0);
  }

  #end(error: unknown): void {
    const detail = error instanceof Error ? error.message : 'it ended';
    this.#gone ??= new StoreFault(
      'store-unreadable',
      `The event store's thread failed: ${detail}.`,
      {},
      error,
    );
    for (const { reject } of [...this.#asked.values(), ...this.#waiting]) reject(this.#gone);
    this.#asked.clear();
    this.#waiting.length = 0;
    this.#onChange();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

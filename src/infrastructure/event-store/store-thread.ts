import { Worker } from 'node:worker_threads';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { fromPlainFault } from './sqlite-faults.ts';
import type { Answers, Message, Numbered, Request } from './sqlite-protocol.ts';

/**
 * The other end of a store's worker thread.
 *
 * Laws:
 * - requests are handed over in order, at most `mostInFlight` of weight at a time: the rest waits here, where it costs
 *   no second copy (that, and awaiting appends, is the backpressure);
 * - the thread keeps the process alive only while something is being asked, or awaited by a subscriber.
 */
const mostInFlight = 8 << 20;

interface Pending {
  readonly request: Numbered;
  readonly weight: number;
  readonly resolve: (value: never) => void;
  readonly reject: (fault: StoreFault) => void;
}

// Beside this file in the sources (Node strips the types), and beside it when compiled.
const workerFile = new URL(
  `./sqlite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export class StoreThread {
  readonly #worker: Worker;
  readonly #onChange: () => void;
  readonly #asked = new Map<number, Pending>();
  readonly #waiting: Pending[] = [];
  #next = 0;
  #inFlight = 0;
  #holders = 0;
  #gone: StoreFault | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#worker = new Worker(workerFile, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#worker.on('message', (message: Message) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      this.#end(error);
    });
    this.#worker.on('exit', () => {
      this.#end(undefined);
    });
    this.#worker.unref();
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
    await this.#worker.terminate();
  }

  #handOver(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || (this.#asked.size > 0 && this.#inFlight + first.weight > mostInFlight))
        break;
      this.#waiting.shift();
      this.#inFlight += first.weight;
      this.#asked.set(first.request.number, first);
      this.#worker.postMessage(first.request);
    }
    this.#keepAlive();
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
    if (this.#asked.size + this.#holders > 0) this.#worker.ref();
    else this.#worker.unref();
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

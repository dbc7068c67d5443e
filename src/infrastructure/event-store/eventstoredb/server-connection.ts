import { EventStoreDBClient } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreFault } from '../../../application/ports/store-fault.ts';
import { messageOf } from '../sqlite-faults.ts';
import type { StoreUrl } from './store-url.ts';

export interface Patience {
  /** How long one attempt may take, ms. */
  readonly attempt: number;
  /** How long to go on trying while the server cannot be reached, ms. */
  readonly total: number;
}

/** What the server says for good: trying again would say the same. */
const definitive: ReadonlySet<string> = new Set([
  'access-denied',
  'invalid-argument',
  'maximum-append-size-exceeded',
  'persistent-subscription-does-not-exist',
  'persistent-subscription-exists',
  'stream-deleted',
  'stream-not-found',
  'unsupported',
  'wrong-expected-version',
]);

/** gRPC status codes (grpc.io/docs/guides/status-codes) that are definitive too. */
const definitiveStatuses: ReadonlySet<number> = new Set([
  3, // INVALID_ARGUMENT
  7, // PERMISSION_DENIED
  8, // RESOURCE_EXHAUSTED
  12, // UNIMPLEMENTED
  16, // UNAUTHENTICATED
]);

/** The client's name of an error, such as `wrong-expected-version`; empty for other errors. */
export const errorType = (error: unknown): string => {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' ? type : '';
};

const isDefinitive = (error: unknown): boolean => {
  if (error instanceof StoreFault) return true;
  const code = (error as { code?: unknown } | null)?.code;
  if (definitive.has(errorType(error))) return true;
  // What gRPC makes of a server that answers one call twice is UNIMPLEMENTED as well.
  return (
    typeof code === 'number' && definitiveStatuses.has(code) && !/too many responses/i.test(messageOf(error))
  );
};

export const closed = (): StoreFault =>
  new StoreFault('store-closed', 'The event store is closed; open it again to use it.');

/**
 * The client's batch mode keeps the pending appends of all its instances in one table, which an error on any connection
 * clears; an answer that comes later then crashes the process. One call an append has none of that.
 */
const withoutBatches = (client: EventStoreDBClient): EventStoreDBClient => {
  const supports = client['supports'];
  client['supports'] = async (method, feature) =>
    !method.path.endsWith('/BatchAppend') && supports(method, feature);
  return client;
};

/** gRPC's message without its code and its notes on name resolution. */
const reasonOf = (error: unknown): string =>
  messageOf(error)
    .replace(/^\d+ [A-Z_]+: (?:No connection established\. Last error: (?:Error: )?)?/, '')
    .replace(/\.? ?Resolution note:.*$/, '')
    .replace(/\.$/, '');

const shortestPause = 25;
const longestPause = 2000;

/**
 * The way to the server. Laws: no attempt takes longer than `patience.attempt`, whatever the client does; an attempt whose
 * outcome is not known is made again, so work must be idempotent; what the server says for good is thrown as it is.
 */
export class ServerConnection {
  readonly url: StoreUrl;
  readonly #patience: Patience;
  readonly #closing = new AbortController();
  #client: EventStoreDBClient;

  constructor(url: StoreUrl, patience: Patience) {
    this.url = url;
    this.#patience = patience;
    this.#client = this.#connect();
  }

  /** Aborts when the connection closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** Does `work` until it succeeds or fails for good. Throws StoreFault `store-unreachable` or `store-closed`. */
  async attempt<T>(work: (client: EventStoreDBClient) => Promise<T>, patience = this.#patience): Promise<T> {
    const retry = this.retrying(patience);
    for (;;) {
      this.mustBeOpen();
      const client = this.#client;
      try {
        return await this.#inTime(work(client), patience.attempt);
      } catch (error) {
        await retry(error, client);
      }
    }
  }

  /**
   * What to call with each failure of one piece of work: it waits before the next attempt, or throws when there is to be
   * none. `reset` begins anew after an attempt that got somewhere.
   */
  retrying({ total } = this.#patience): ((error: unknown, client: EventStoreDBClient) => Promise<void>) & {
    reset(): void;
  } {
    let begun = performance.now();
    let pause = shortestPause;
    const failed = async (error: unknown, client: EventStoreDBClient): Promise<void> => {
      this.mustBeOpen();
      if (isDefinitive(error)) throw this.#explained(error);
      this.#replace(client);
      if (performance.now() - begun > total) throw this.#unreachable(error);
      await sleep(pause, undefined, { signal: this.closing }).catch(() => undefined);
      pause = Math.min(2 * pause, longestPause);
    };
    const reset = (): void => {
      begun = performance.now();
      pause = shortestPause;
    };
    return Object.assign(failed, { reset });
  }

  mustBeOpen(): void {
    if (this.closing.aborted) throw closed();
  }

  /** Breaks off whatever is under way. */
  close(): void {
    if (this.closing.aborted) return;
    this.#closing.abort();
    void this.#client.dispose().catch(() => undefined);
  }

  #connect(): EventStoreDBClient {
    try {
      return withoutBatches(EventStoreDBClient.connectionString(this.url.connection));
    } catch (error) {
      const message = `The store's URL cannot be used: ${messageOf(error)}`;
      throw new StoreFault('store-unreadable', message, { server: this.url.server }, error);
    }
  }

  /** A client that failed may hold a connection that hangs: the next attempt takes a fresh one. */
  #replace(failed: EventStoreDBClient): void {
    if (failed !== this.#client) return;
    this.#client = this.#connect();
    void failed.dispose().catch(() => undefined);
  }

  /** The outcome of `work`, or an error after `limit` ms or when the connection closes. */
  #inTime<T>(work: Promise<T>, limit: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const give = (): void => {
        clearTimeout(timer);
        this.closing.removeEventListener('abort', close);
      };
      const timer = setTimeout(() => {
        give();
        reject(new Error(`the server did not answer within ${String(limit)} ms`));
      }, limit);
      const close = (): void => {
        give();
        reject(new Error('the store was closed'));
      };
      this.closing.addEventListener('abort', close, { once: true });
      work.then(resolve, reject).finally(give);
    });
  }

  #unreachable(error: unknown): StoreFault {
    const { server } = this.url;
    const message = `The event store at ${server} cannot be reached: ${reasonOf(error)}. Check that the server runs, its address, and tls=false for a server without TLS.`;
    return new StoreFault('store-unreachable', message, { server }, error);
  }

  #explained(error: unknown): unknown {
    if (errorType(error) === 'access-denied')
      return new StoreFault(
        'store-unreadable',
        `The server refuses access; give esdb://USER:PASSWORD@HOST, and a user that may read and write.`,
        { server: this.url.server },
        error,
      );
    return error;
  }
}

import { BACKWARDS, END, FORWARDS, NO_STREAM, START } from '@eventstore/db-client';
import type { ReadOptions, StoredEvent } from '../../../application/ports/event-store.ts';
import { StoreFault } from '../../../application/ports/store-fault.ts';
import type { EncodedEvent } from '../append-rules.ts';
import { messageOf } from '../sqlite-faults.ts';
import { arrivingEvents } from './arriving-events.ts';
import { fromServerEvent, toServerEvent } from './event-codec.ts';
import { errorType, type ServerConnection } from './server-connection.ts';

/** An event with its revision in the server's stream. */
export type ServerEvent = Omit<StoredEvent, 'stream'>;

export type ServerAppend =
  | { readonly kind: 'appended'; readonly revision: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'deleted' };

/** The stream was deleted for good (a tombstone): its name is never used again. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone';
}

const isGone = (error: unknown): boolean => errorType(error) === 'stream-deleted';
const isMissing = (error: unknown): boolean => errorType(error) === 'stream-not-found';

/** How long a server may take to answer at first, ms: a wrong address is to be noticed soon. */
const firstContact = 5000;

/** What the server appends when a stream is deleted, for those who are subscribed to it. */
const tombstone = '$streamDeleted';

/**
 * The server's streams, by the names they have there. Laws: an append says which revision it expects, so that the server
 * itself recognises one that is repeated because its answer was lost (expected revision below the last, the same ids from
 * there on: done before); a read or subscription that breaks goes on behind the last event it gave.
 */
export class ServerStreams {
  readonly #connection: ServerConnection;
  readonly #attempt: number;

  /** `attempt`: how long to wait for the server at a time, ms. */
  constructor(connection: ServerConnection, attempt: number) {
    this.#connection = connection;
    this.#attempt = attempt;
  }

  /** Resolves when the server answers; throws StoreFault when it does not for a few seconds. */
  async reach(name: string): Promise<void> {
    const patience = { attempt: Math.min(this.#attempt, firstContact), total: firstContact };
    await this.#connection
      .attempt(async (client) => {
        for await (const first of client.readStream(name, { maxCount: 1, requiresLeader: true }))
          if (first.event !== undefined) break;
      }, patience)
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
  }

  /** Appends where the last revision is `last` (-1: no stream). Throws StoreFault. */
  async append(name: string, last: number, events: readonly EncodedEvent[]): Promise<ServerAppend> {
    const expectedRevision = last < 0 ? NO_STREAM : BigInt(last);
    try {
      const { nextExpectedRevision } = await this.#connection.attempt((client) =>
        client.appendToStream(name, events.map(toServerEvent), { expectedRevision, requiresLeader: true }),
      );
      return { kind: 'appended', revision: Number(nextExpectedRevision) };
    } catch (error) {
      if (isGone(error)) return { kind: 'deleted' };
      if (errorType(error) === 'wrong-expected-version') return { kind: 'conflict' };
      throw tooLarge(error, name) ?? error;
    }
  }

  /** The events of a stream; none when it does not exist. Throws StreamGone, StoreFault. */
  async *read(
    name: string,
    { from, limit = Number.MAX_SAFE_INTEGER, direction = 'forwards' }: ReadOptions = {},
  ): AsyncGenerator<ServerEvent, undefined> {
    const backwards = direction === 'backwards';
    const retry = this.#connection.retrying();
    let left = limit;
    let next = from;
    while (left > 0 && (next === undefined || next >= 0)) {
      this.#connection.mustBeOpen();
      const { client } = this.#connection;
      try {
        const stream = client.readStream(name, {
          direction: backwards ? BACKWARDS : FORWARDS,
          fromRevision: next === undefined ? (backwards ? END : START) : BigInt(next),
          maxCount: left,
          requiresLeader: true,
        });
        const arriving = arrivingEvents(stream, {
          limit: this.#attempt,
          live: false,
          signal: this.#connection.closing,
          cancel: () => stream.cancel(),
        });
        for await (const { event } of arriving) {
          const read = fromServerEvent(event);
          retry.reset();
          if (!backwards && read.revision < (next ?? 0)) continue;
          left--;
          next = read.revision + (backwards ? -1 : 1);
          yield read;
          this.#connection.mustBeOpen();
        }
        return;
      } catch (error) {
        if (isMissing(error)) return;
        if (isGone(error)) throw new StreamGone(name, { cause: error });
        await retry(error, client);
      }
    }
  }

  /** Events from revision `from` on, then those to come, until `signal` aborts. Throws StreamGone when the stream is deleted, StoreFault. */
  async *follow(name: string, from: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const retry = this.#connection.retrying();
    const ending = AbortSignal.any([signal, this.#connection.closing]);
    let next = from;
    while (!signal.aborted) {
      this.#connection.mustBeOpen();
      const { client } = this.#connection;
      try {
        const stream = client.subscribeToStream(name, {
          fromRevision: next === 0 ? START : BigInt(next - 1),
          requiresLeader: true,
        });
        stream.once('confirmation', retry.reset);
        const arriving = arrivingEvents(stream, {
          limit: this.#attempt,
          live: true,
          signal: ending,
          cancel: () => stream.unsubscribe(),
        });
        for await (const { event } of arriving) {
          if (event.type === tombstone) throw new StreamGone(name);
          const read = fromServerEvent(event);
          if (read.revision < next) continue;
          next = read.revision + 1;
          yield read;
        }
        throw new Error('the server ended the subscription');
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StreamGone) throw error;
        if (isGone(error)) throw new StreamGone(name, { cause: error });
        await retry(error, client);
      }
    }
  }

  /** Deletes a stream for good; false when it was deleted already. */
  async delete(name: string): Promise<boolean> {
    let attempts = 0;
    try {
      await this.#connection.attempt((client) => {
        attempts++;
        return client.tombstoneStream(name, { requiresLeader: true });
      });
      return true;
    } catch (error) {
      // A repeated attempt finds what the first one did.
      if (isGone(error)) return attempts > 1;
      throw error;
    }
  }
}

const tooLarge = (error: unknown, stream: string): StoreFault | undefined => {
  const limit = (error as { maxAppendSize?: unknown }).maxAppendSize;
  const exhausted = (error as { code?: unknown }).code === 8;
  if (errorType(error) !== 'maximum-append-size-exceeded' && !exhausted) return undefined;
  const message =
    typeof limit === 'number'
      ? `The server takes at most ${String(limit)} bytes in one append`
      : `The server refused an append as too large (${messageOf(error)})`;
  return new StoreFault('append-too-large', message, { stream }, error);
};

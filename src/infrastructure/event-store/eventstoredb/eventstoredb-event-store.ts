import { setTimeout as sleep } from 'node:timers/promises';
import type {
  EventStore,
  EventToAppend,
  ExpectedRevision,
  ReadOptions,
  StoredEvent,
  WrongExpectedRevision,
} from '../../../application/ports/event-store.ts';
import type { ConsumerGroups } from '../../../application/ports/consumer-groups.ts';
import { ok, refuse, type Result } from '../../../domain/shared/result.ts';
import { checkExpected, checkName, decideAppend, encodeEvents, type EncodedEvent } from '../append-rules.ts';
import { closed, ServerConnection, type Patience } from './server-connection.ts';
import { ServerConsumerGroups } from './server-consumer-groups.ts';
import { ServerStreams, StreamGone } from './server-streams.ts';
import type { StoreUrl } from './store-url.ts';
import { StreamCatalogue } from './stream-catalogue.ts';
import { StreamViews } from './stream-views.ts';

/** Ten seconds an attempt, as the client's own default; half a minute for a server that restarts. */
export const defaultPatience: Patience = { attempt: 10_000, total: 30_000 };

/** Streams that are asked about at once. */
const mostQuestions = 16;

type Appended = Result<{ readonly revision: number }, WrongExpectedRevision>;

/**
 * Events on an EventStoreDB (KurrentDB) server, which any number of processes and machines may use at once. Several
 * appends of one process to one stream are made one after the other.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly #connection: ServerConnection;
  readonly #streams: ServerStreams;
  readonly #catalogue: StreamCatalogue;
  readonly #views: StreamViews;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #grace: number;
  #closing: Promise<void> | undefined;

  private constructor(connection: ServerConnection, patience: Patience) {
    this.#connection = connection;
    this.#grace = patience.attempt;
    this.#streams = new ServerStreams(connection, patience.attempt);
    this.#catalogue = new StreamCatalogue(this.#streams, connection.url.namespace);
    this.#views = new StreamViews(this.#streams, this.#catalogue);
  }

  /** Connects, and finds out whether the server answers. Throws StoreFault. */
  static async open(url: StoreUrl, patience: Patience = defaultPatience): Promise<EventStoreDbEventStore> {
    const connection = new ServerConnection(url, patience);
    const store = new EventStoreDbEventStore(connection, patience);
    try {
      await store.#catalogue.load();
      return store;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The store's own way of sharing a stream between consumers. */
  get groups(): ConsumerGroups {
    return new ServerConsumerGroups(this.#connection, this.#catalogue, this.#grace);
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
  ): Promise<Appended> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    checkExpected(expected);
    const encoded = encodeEvents(events);
    return this.#inTurn(stream, () => this.#append(stream, expected, encoded));
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    const generation = await this.#catalogue.find(stream);
    if (generation === undefined) return;
    const name = this.#catalogue.serverName(stream, generation);
    let { from } = options;
    if (from !== undefined && options.direction === 'backwards')
      for await (const { revision } of this.#read(stream, generation, { direction: 'backwards', limit: 1 }))
        from = Math.min(from, revision);
    const range: ReadOptions = from === undefined ? options : { ...options, from };
    let any = false;
    try {
      for await (const event of this.#streams.read(name, range)) {
        any = true;
        yield { stream, ...event };
      }
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
      await this.#catalogue.end(stream, generation);
      // Deleted by somebody else and perhaps made again: what was begun ends, what was not is read from the new one.
      if (!any) yield* this.read(stream, options);
    }
  }

  async streams(prefix = ''): Promise<readonly string[]> {
    this.#mustBeOpen();
    await this.#catalogue.refresh();
    const candidates = [...this.#catalogue.live(prefix)];
    const found: string[] = [];
    const ask = async (): Promise<void> => {
      for (let name = candidates.pop(); name !== undefined; name = candidates.pop())
        if (await this.#exists(name)) found.push(name);
    };
    await Promise.all(Array.from({ length: mostQuestions }, ask));
    return found.sort();
  }

  async delete(stream: string): Promise<boolean> {
    this.#mustBeOpen();
    return this.#inTurn(stream, async () => {
      await this.#catalogue.refresh();
      const generation = (await this.#exists(stream)) ? await this.#catalogue.find(stream) : undefined;
      if (generation === undefined) return false;
      const deleted = await this.#streams.delete(this.#catalogue.serverName(stream, generation));
      await this.#catalogue.end(stream, generation);
      this.#views.forget(stream);
      return deleted;
    });
  }

  async *subscribe(stream: string, from: number, signal: AbortSignal): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    let next = from;
    let seen = -1;
    while (!signal.aborted) {
      const generation = await this.#catalogue.awaitGeneration(stream, seen, signal);
      if (generation === undefined) return;
      if (seen >= 0) next = 0;
      seen = generation;
      const name = this.#catalogue.serverName(stream, generation);
      try {
        for await (const event of this.#streams.follow(name, next, signal)) {
          yield { stream, ...event };
          if (signal.aborted) return;
        }
      } catch (error) {
        if (!(error instanceof StreamGone)) throw error;
      }
    }
  }

  /** Appends that were begun are finished first, as far as the server answers in time. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.race([Promise.all(this.#turns.values()), sleep(this.#grace, undefined, { ref: false })]);
      this.#connection.close();
    })();
    return this.#closing;
  }

  async #append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
  ): Promise<Appended> {
    const ids = events.map(({ id }) => id);
    let view = await this.#views.get(stream);
    for (let fresh = false; ; view = await this.#views.refresh(stream), fresh = true) {
      const decision = decideAppend(view, expected, ids);
      if (decision.kind !== 'append') {
        if (!fresh) continue;
        return decision.kind === 'already-there'
          ? ok({ revision: decision.revision })
          : refuse({ reason: 'wrong-expected-revision', stream, expected, actual: decision.actual });
      }
      const generation = view.generation ?? (await this.#catalogue.open(stream));
      const name = this.#catalogue.serverName(stream, generation);
      const outcome = await this.#streams.append(name, view.last, events);
      if (outcome.kind === 'appended') {
        this.#views.appended(stream, generation, ids);
        return ok({ revision: outcome.revision });
      }
      if (outcome.kind === 'deleted') await this.#catalogue.end(stream, generation);
    }
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }

  async *#read(
    stream: string,
    generation: number,
    options: ReadOptions,
  ): AsyncGenerator<{ readonly revision: number }> {
    try {
      yield* this.#streams.read(this.#catalogue.serverName(stream, generation), options);
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
      await this.#catalogue.end(stream, generation);
    }
  }

  /** Whether there is a stream of this name with an event in it. */
  async #exists(stream: string): Promise<boolean> {
    const generation = await this.#catalogue.find(stream);
    if (generation === undefined) return false;
    let found = false;
    for await (const event of this.#read(stream, generation, { direction: 'backwards', limit: 1 }))
      found = event.revision >= 0;
    return found;
  }

  /** Does `work` when all that was asked of this stream before is done. */
  #inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(stream) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(stream, settled);
    void settled.then(() => {
      if (this.#turns.get(stream) === settled) this.#turns.delete(stream);
    });
    return turn;
  }
}

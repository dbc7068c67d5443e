import { randomUUID } from 'node:crypto';
import type { StoredEvent } from '../../../application/ports/event-store.ts';
import { StoreFault } from '../../../application/ports/store-fault.ts';
import type { EncodedEvent } from '../append-rules.ts';
import type { ServerEvent, ServerStreams } from './server-streams.ts';

interface Entry {
  readonly generation: number;
  readonly live: boolean;
}

/**
 * Which streams there are, as events in a stream of its own: the server has no list of streams, and the name of a deleted
 * stream goes on counting (or is never to be used again), so each life of a stream is a generation with a name of its own
 * on the server, `NAMESPACE/STREAM@GENERATION`.
 *
 * Laws:
 * - a generation is opened here before its first event is appended, and its server stream is deleted for good before
 *   it ends here: who still uses an ended one is told by the server;
 * - entries are decided on the last event of the catalogue, so that all users of the store agree.
 */
export class StreamCatalogue {
  readonly #streams: ServerStreams;
  readonly #name: string;
  readonly #namespace: string;
  readonly #entries = new Map<string, Entry>();
  #revision = -1;

  constructor(streams: ServerStreams, namespace: string) {
    this.#streams = streams;
    this.#namespace = namespace;
    this.#name = `${namespace}/catalogue`;
  }

  /** The stream's name on the server. */
  serverName(stream: string, generation: number): string {
    return `${this.#namespace}/${stream}@${String(generation)}`;
  }

  /** Reads the catalogue for the first time. Throws StoreFault when the server does not answer. */
  async load(): Promise<void> {
    await this.#streams.reach(this.#name);
    await this.refresh();
  }

  /** Reads what others have added. */
  async refresh(): Promise<void> {
    for await (const event of this.#streams.read(this.#name, { from: this.#revision + 1 }))
      this.#apply(event);
  }

  /** The generation that is in use, as far as is known; after a `refresh` if none is known. */
  async find(stream: string): Promise<number | undefined> {
    if (this.#live(stream) === undefined) await this.refresh();
    return this.#live(stream);
  }

  /** Names of the streams in use that begin with `prefix`; some may have no event yet. */
  live(prefix: string): readonly string[] {
    return [...this.#entries]
      .filter(([name, { live }]) => live && name.startsWith(prefix))
      .map(([name]) => name);
  }

  /** The generation in use, begun if there is none. */
  open(stream: string): Promise<number> {
    return this.#decide(
      () => this.#live(stream),
      () => ({ type: 'StreamOpened', stream, generation: (this.#entries.get(stream)?.generation ?? -1) + 1 }),
    );
  }

  /** Records that a generation was deleted on the server. */
  async end(stream: string, generation: number): Promise<void> {
    await this.#decide(
      () => (this.#live(stream) === generation ? undefined : generation),
      () => ({ type: 'StreamEnded', stream, generation }),
    );
  }

  /** The first generation after `last` that is in use; waits for it. Undefined when `signal` aborts first. */
  async awaitGeneration(stream: string, last: number, signal: AbortSignal): Promise<number | undefined> {
    const found = (): number | undefined => {
      const generation = this.#live(stream);
      return generation !== undefined && generation > last ? generation : undefined;
    };
    await this.refresh();
    if (found() !== undefined) return found();
    for await (const event of this.#streams.follow(this.#name, this.#revision + 1, signal)) {
      this.#apply(event);
      if (found() !== undefined) return found();
    }
    return undefined;
  }

  /** Gives what `settled` says once it says something, appending what `entry` makes until then. */
  async #decide(
    settled: () => number | undefined,
    entry: () => { readonly type: string; readonly stream: string; readonly generation: number },
  ): Promise<number> {
    for (;;) {
      await this.refresh();
      const done = settled();
      if (done !== undefined) return done;
      const { type, stream, generation } = entry();
      const event: EncodedEvent = {
        id: randomUUID(),
        type,
        version: 1,
        data: JSON.stringify({ stream, generation }),
      };
      await this.#streams.append(this.#name, this.#revision, [event]);
    }
  }

  #live(stream: string): number | undefined {
    const entry = this.#entries.get(stream);
    return entry?.live === true ? entry.generation : undefined;
  }

  #apply({ type, data, revision }: ServerEvent): void {
    // Several readers of this process may bring the same event.
    if (revision !== this.#revision + 1) return;
    const { stream, generation } = data as Partial<Pick<StoredEvent, 'stream'> & { generation: number }>;
    if (
      typeof stream !== 'string' ||
      typeof generation !== 'number' ||
      !/^Stream(Opened|Ended)$/.test(type)
    ) {
      const message = `event ${String(revision)} of ${this.#name} is no entry of a catalogue of streams; choose another namespace=`;
      throw new StoreFault('store-damaged', message, { stream: this.#name, revision });
    }
    this.#entries.set(stream, { generation, live: type === 'StreamOpened' });
    this.#revision = revision;
  }
}

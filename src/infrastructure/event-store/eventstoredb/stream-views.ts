import type { StreamView } from '../append-rules.ts';
import { StreamGone, type ServerStreams } from './server-streams.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';

/** Ids that are kept in memory, over all streams; those of the streams longest unused go first. */
const mostIds = 1 << 20;

/** What a stream held when it was last looked at. */
export class CachedView implements StreamView {
  /** Undefined: there is no stream. */
  readonly generation: number | undefined;
  readonly #revisions = new Map<string, number>();

  constructor(generation: number | undefined) {
    this.generation = generation;
  }

  get last(): number {
    return this.#revisions.size - 1;
  }

  revisionOf(id: string): number | undefined {
    return this.#revisions.get(id);
  }

  add(id: string): void {
    this.#revisions.set(id, this.#revisions.size);
  }
}

/**
 * What is known of the streams that this process appends to: enough to decide an append as every other store does, ids of
 * long ago included. The server decides whether a view was up to date.
 */
export class StreamViews {
  readonly #streams: ServerStreams;
  readonly #catalogue: StreamCatalogue;
  readonly #views = new Map<string, CachedView>();

  constructor(streams: ServerStreams, catalogue: StreamCatalogue) {
    this.#streams = streams;
    this.#catalogue = catalogue;
  }

  /** As it was when last looked at; looks when it never was. */
  async get(stream: string): Promise<CachedView> {
    const known = this.#views.get(stream);
    if (known === undefined) return this.refresh(stream);
    this.#keep(stream, known);
    return known;
  }

  /** As it is now. */
  async refresh(stream: string): Promise<CachedView> {
    for (;;) {
      const generation = await this.#catalogue.find(stream);
      const known = this.#views.get(stream);
      const view =
        known !== undefined && known.generation === generation ? known : new CachedView(generation);
      if (generation === undefined || (await this.#complete(stream, generation, view))) {
        this.#keep(stream, view);
        return view;
      }
    }
  }

  /** Adds what was just appended behind the view's last event. */
  appended(stream: string, generation: number, ids: readonly string[]): void {
    const known = this.#views.get(stream);
    const view = known?.generation === generation ? known : new CachedView(generation);
    for (const id of ids) view.add(id);
    this.#keep(stream, view);
  }

  forget(stream: string): void {
    this.#views.delete(stream);
  }

  /** False when the stream was deleted meanwhile. */
  async #complete(stream: string, generation: number, view: CachedView): Promise<boolean> {
    try {
      const name = this.#catalogue.serverName(stream, generation);
      for await (const event of this.#streams.read(name, { from: view.last + 1 })) view.add(event.id);
      return true;
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
      await this.#catalogue.end(stream, generation);
      return false;
    }
  }

  #keep(stream: string, view: CachedView): void {
    this.#views.delete(stream);
    this.#views.set(stream, view);
    let ids = 0;
    for (const [name, { last }] of [...this.#views].reverse()) {
      ids += last + 1;
      if (ids > mostIds && name !== stream) this.#views.delete(name);
    }
  }
}

import type {
  EventStore,
  EventToAppend,
  ExpectedRevision,
  ReadOptions,
  StoredEvent,
  WrongExpectedRevision,
} from '../../application/ports/event-store.ts';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { ok, refuse, type Result } from '../../domain/shared/result.ts';
import {
  checkExpected,
  checkName,
  decideAppend,
  decodeData,
  encodeEvents,
  type EncodedEvent,
} from './append-rules.ts';
import { ChangeSignal } from './change-signal.ts';

type Row = EncodedEvent & { readonly revision: number; readonly position: number };

interface Stream {
  readonly rows: Row[];
  readonly revisions: Map<string, number>;
}

/** Events in this process's memory: for tests, and for runs that nobody asked to keep. */
export class MemoryEventStore implements EventStore {
  readonly #streams = new Map<string, Stream>();
  readonly #changed = new ChangeSignal();
  #positions = 0;
  #closed = false;

  async append(
    name: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
  ): Promise<Result<{ readonly revision: number }, WrongExpectedRevision>> {
    this.#mustBeOpen();
    checkName('stream name', name);
    checkExpected(expected);
    const encoded = encodeEvents(events);
    const stream = this.#streams.get(name) ?? { rows: [], revisions: new Map<string, number>() };
    const view = { last: stream.rows.length - 1, revisionOf: (id: string) => stream.revisions.get(id) };
    const decision = decideAppend(
      view,
      expected,
      encoded.map(({ id }) => id),
    );
    switch (decision.kind) {
      case 'conflict':
        return refuse({ reason: 'wrong-expected-revision', stream: name, expected, actual: decision.actual });
      case 'already-there':
        return ok({ revision: decision.revision });
      case 'append':
        this.#streams.set(name, stream);
        for (const event of encoded) {
          const revision = stream.rows.length;
          stream.rows.push({ ...event, revision, position: this.#positions++ });
          stream.revisions.set(event.id, revision);
        }
        this.#changed.notify();
        return ok({ revision: stream.rows.length - 1 });
    }
  }

  async *read(name: string, options: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', name);
    const rows = this.#streams.get(name)?.rows ?? [];
    const last = rows.length - 1;
    const forwards = options.direction !== 'backwards';
    let revision = forwards ? (options.from ?? 0) : Math.min(options.from ?? last, last);
    let left = options.limit ?? Infinity;
    for (; left > 0 && revision >= 0 && revision <= last; revision += forwards ? 1 : -1, left--) {
      yield asStored(name, rows[revision]!);
      await Promise.resolve();
      this.#mustBeOpen();
    }
  }

  async streams(prefix = ''): Promise<readonly string[]> {
    this.#mustBeOpen();
    return [...this.#streams.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async delete(name: string): Promise<boolean> {
    this.#mustBeOpen();
    return this.#streams.delete(name);
  }

  async *subscribe(name: string, from: number, signal: AbortSignal): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', name);
    let next = from;
    let seen: Stream | undefined;
    while (!signal.aborted) {
      const mark = this.#changed.mark;
      const stream = this.#streams.get(name);
      if (stream !== undefined && seen !== undefined && stream !== seen) next = 0;
      seen = stream ?? seen;
      const row = stream?.rows[next];
      if (row === undefined) {
        await this.#changed.wait(mark, signal);
      } else {
        next++;
        yield asStored(name, row);
      }
      if (!signal.aborted) this.#mustBeOpen();
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#changed.notify();
    return Promise.resolve();
  }

  #mustBeOpen(): void {
    if (this.#closed)
      throw new StoreFault('store-closed', 'The event store is closed; open it again to use it.');
  }
}

const asStored = (stream: string, { id, type, version, data, revision, position }: Row): StoredEvent => ({
  stream,
  id,
  type,
  version,
  data: decodeData(data),
  revision,
  position,
});

import type {
  EventStore,
  EventToAppend,
  ExpectedRevision,
  ReadOptions,
  StoredEvent,
  WrongExpectedRevision,
} from '../../application/ports/event-store.ts';
import { StoreFault, type Damage } from '../../application/ports/store-fault.ts';
import { ok, refuse, type Result } from '../../domain/shared/result.ts';
import { checkExpected, checkName, decodeData, encodeEvents } from './append-rules.ts';
import { ChangeSignal } from './change-signal.ts';
import type { Page, PageRequest, StoredRow } from './sqlite-log.ts';
import type { OpenMode } from './sqlite-opening.ts';
import { StoreRequests } from './store-requests.ts';

/** Events in one SQLite file, which several processes may use at once. Much work is done in a thread of its own. */
export class SqliteEventStore implements EventStore {
  readonly #requests: StoreRequests;
  readonly #changed: ChangeSignal;
  readonly #file: string;
  #subscribers = 0;
  #closing: Promise<void> | undefined;

  private constructor(file: string, requests: StoreRequests, changed: ChangeSignal) {
    this.#file = file;
    this.#requests = requests;
    this.#changed = changed;
  }

  /** Opens or creates `file`, verifying it; `damage` says what was lost. Throws StoreFault. */
  static async open(
    file: string,
    mode: OpenMode,
  ): Promise<{ readonly store: SqliteEventStore; readonly damage: readonly Damage[] }> {
    const changed = new ChangeSignal();
    const requests = new StoreRequests(() => {
      changed.notify();
    });
    try {
      const damage = await requests.ask({ op: 'open', file, mode });
      return { store: new SqliteEventStore(file, requests, changed), damage };
    } catch (error) {
      await requests.terminate();
      throw error;
    }
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
  ): Promise<Result<{ readonly revision: number }, WrongExpectedRevision>> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    checkExpected(expected);
    const encoded = encodeEvents(events);
    const weight = encoded.reduce((sum, { data }) => sum + 200 + 2 * data.length, 200);
    const write = { op: 'append', stream, expected, events: encoded } as const;
    const outcome = await this.#requests.ask({ op: 'write', write }, weight);
    switch (outcome.kind) {
      case 'append':
        return ok({ revision: outcome.first + events.length - 1 });
      case 'already-there':
        return ok({ revision: outcome.revision });
      case 'conflict':
        return refuse({ reason: 'wrong-expected-revision', stream, expected, actual: outcome.actual });
      case 'deleted':
        throw new Error('the store answered an append as a deletion');
    }
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    const backwards = options.direction === 'backwards';
    let left = options.limit ?? Number.MAX_SAFE_INTEGER;
    let request: PageRequest | undefined = {
      ...{ stream, backwards, number: undefined, from: options.from, limit: left, follow: false },
    };
    while (request !== undefined && left > 0) {
      this.#mustBeOpen();
      const page: Page = await this.#requests.ask({ op: 'page', page: request });
      for (const row of page.rows) {
        yield asStored(stream, row);
        this.#mustBeOpen();
      }
      left -= page.rows.length;
      request =
        page.next === undefined
          ? undefined
          : { ...request, number: page.number, from: page.next, limit: left };
    }
  }

  async streams(prefix = ''): Promise<readonly string[]> {
    this.#mustBeOpen();
    return this.#requests.ask({ op: 'streams', prefix });
  }

  async delete(stream: string): Promise<boolean> {
    this.#mustBeOpen();
    const outcome = await this.#requests.ask({ op: 'write', write: { op: 'delete', stream } });
    return outcome.kind === 'deleted' && outcome.existed;
  }

  async *subscribe(stream: string, from: number, signal: AbortSignal): AsyncIterable<StoredEvent> {
    this.#mustBeOpen();
    checkName('stream name', stream);
    if (signal.aborted) return;
    await this.#watch(1);
    try {
      let number: number | undefined;
      let next = from;
      while (!signal.aborted) {
        this.#mustBeOpen();
        const mark = this.#changed.mark;
        const page = await this.#requests.ask({
          op: 'page',
          page: {
            stream,
            number,
            from: next,
            limit: Number.MAX_SAFE_INTEGER,
            backwards: false,
            follow: true,
          },
        });
        number = page.number;
        for (const row of page.rows) {
          if (signal.aborted) return;
          next = row.revision + 1;
          yield asStored(stream, row);
        }
        if (page.rows.length === 0) await this.#changed.wait(mark, signal);
      }
    } finally {
      await this.#watch(-1);
    }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#changed.notify();
      await this.#requests.ask({ op: 'close' });
      await this.#requests.terminate();
    })();
    return this.#closing;
  }

  /** Other processes are looked at only while somebody subscribes. */
  async #watch(change: 1 | -1): Promise<void> {
    this.#subscribers += change;
    if (change === 1) this.#requests.hold();
    else this.#requests.release();
    const turned = this.#subscribers === (change === 1 ? 1 : 0);
    if (turned && this.#closing === undefined) await this.#requests.ask({ op: 'watch', on: change === 1 });
  }

  #mustBeOpen(): void {
    if (this.#closing === undefined) return;
    throw new StoreFault(
      'store-closed',
      `The event store ${this.#file} is closed; open it again to use it.`,
      {
        file: this.#file,
      },
    );
  }
}

const asStored = (
  stream: string,
  { id, type, version, data, revision, position }: StoredRow,
): StoredEvent => ({
  stream,
  id,
  type,
  version,
  data: decodeData(data),
  revision,
  position,
});

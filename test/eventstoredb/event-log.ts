/**
 * What an EventStoreDB server keeps, in memory, deciding appends by the rules that its documentation publishes
 * ("Optimistic concurrency & idempotence") and its tests spell out:
 * - expected revision below the last: done before when the ids from there on are the same, else a conflict;
 * - expected revision equal to the last: appended, even when an id is there already;
 * - expected revision above the last: a conflict;
 * - any revision: done before when all ids are in the stream, a conflict when only the first ones are.
 */

export interface LoggedEvent {
  readonly id: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly customMetadata: Uint8Array;
  readonly data: Uint8Array;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

export type ProposedEvent = Pick<LoggedEvent, 'id' | 'metadata' | 'customMetadata' | 'data'>;

export type Expected = 'any' | 'exists' | number;

export type LogAppend =
  | { readonly kind: 'done'; readonly revision: number; readonly position: number }
  | { readonly kind: 'conflict'; readonly actual: number }
  | { readonly kind: 'deleted' };

interface LoggedStream {
  readonly events: LoggedEvent[];
  deleted: boolean;
}

export class EventLog {
  readonly #streams = new Map<string, LoggedStream>();
  readonly #watchers = new Set<() => void>();
  #position = 0;

  stream(name: string): LoggedStream | undefined {
    return this.#streams.get(name);
  }

  append(name: string, expected: Expected, events: readonly ProposedEvent[]): LogAppend {
    const stream = this.#streams.get(name) ?? { events: [], deleted: false };
    if (stream.deleted) return { kind: 'deleted' };
    const last = stream.events.length - 1;
    const earlier = repeated(stream.events, expected, events);
    if (earlier === 'conflict' || (typeof expected === 'number' && expected > last && earlier === undefined))
      return { kind: 'conflict', actual: last };
    if (earlier !== undefined) return { kind: 'done', revision: earlier, position: this.#position };
    if (expected === 'exists' && last < 0) return { kind: 'conflict', actual: last };
    this.#streams.set(name, stream);
    for (const event of events) {
      this.#position += 100 + event.data.length;
      stream.events.push({
        ...event,
        stream: name,
        revision: stream.events.length,
        position: this.#position,
      });
    }
    this.#notify();
    return { kind: 'done', revision: stream.events.length - 1, position: this.#position };
  }

  /** False when the stream was deleted already. */
  tombstone(name: string): boolean {
    const stream = this.#streams.get(name) ?? { events: [], deleted: false };
    if (stream.deleted) return false;
    stream.deleted = true;
    stream.events.length = 0;
    this.#streams.set(name, stream);
    this.#notify();
    return true;
  }

  /** Calls `watcher` after each change, until the function that it gives is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** The last revision of an append that was made before; undefined when it was not. */
const repeated = (
  present: readonly LoggedEvent[],
  expected: Expected,
  events: readonly ProposedEvent[],
): number | 'conflict' | undefined => {
  const last = present.length - 1;
  if (typeof expected === 'number') {
    if (expected >= last) return undefined;
    const same = events.every(({ id }, index) => present[expected + 1 + index]?.id === id);
    return same && events.length > 0 ? expected + events.length : 'conflict';
  }
  const found = events.map(({ id }) => present.findLastIndex((event) => event.id === id));
  if (found.length === 0 || found[0] === -1) return undefined;
  return found.includes(-1) ? 'conflict' : found.at(-1);
};

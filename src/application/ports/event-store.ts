import type { Json } from '../../domain/shared/event.ts';
import type { Result } from '../../domain/shared/result.ts';

/** An event as written: `id` (a UUID) makes appending idempotent. */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: Json;
}

/**
 * An event as read. `revision` counts from 0 within its stream; `position`, from 0 on, never falls in the order of the
 * appends over the whole store.
 */
export interface StoredEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

/** What a stream must hold for an append to be taken: nothing, anything, or exactly this last revision. */
export type ExpectedRevision = 'none' | 'any' | number;

export interface WrongExpectedRevision {
  readonly reason: 'wrong-expected-revision';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** The last revision, or -1 for a stream that does not exist. */
  readonly actual: number;
}

export interface ReadOptions {
  /** First revision (forwards: default 0; backwards: default the last). */
  readonly from?: number;
  readonly limit?: number;
  readonly direction?: 'forwards' | 'backwards';
}

/**
 * Streams of events. An append is atomic and durable when its promise resolves. Appending events whose ids are already in the stream at the expected place changes nothing and succeeds.
 * Faults (`StoreFault`) are thrown; conflicts are returned.
 */
export interface EventStore {
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
  ): Promise<Result<{ readonly revision: number }, WrongExpectedRevision>>;
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;
  /** Names of all streams that begin with `prefix`, in code-unit order. */
  streams(prefix?: string): Promise<readonly string[]>;
  /** Removes a stream; false when there was none. */
  delete(stream: string): Promise<boolean>;
  /** Events of a stream from revision `from` on, then live ones, in order, until `signal` aborts. */
  subscribe(stream: string, from: number, signal: AbortSignal): AsyncIterable<StoredEvent>;
  close(): Promise<void>;
}

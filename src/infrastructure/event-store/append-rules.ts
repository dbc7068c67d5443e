import type { EventToAppend, ExpectedRevision } from '../../application/ports/event-store.ts';
import type { Json } from '../../domain/shared/event.ts';

/**
 * What every event store decides alike, whatever holds its rows.
 *
 * Laws:
 * - an id occurs at most once in a stream;
 * - an append whose ids all lie, consecutive and in order, at the expected place was made before: it succeeds
 *   and changes nothing, so that an append may be repeated when its answer was lost;
 * - an append of which only some ids are present, or present elsewhere, is a conflict;
 * - otherwise the last revision must be the expected one.
 */

/** What has to be known of a stream to decide an append. */
export interface StreamView {
  /** The last revision; -1 when there is no stream. */
  readonly last: number;
  /** The revision of an event id in this stream. */
  revisionOf(id: string): number | undefined;
}

export type AppendDecision =
  | { readonly kind: 'append'; readonly first: number }
  | { readonly kind: 'already-there'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly actual: number };

export const decideAppend = (
  stream: StreamView,
  expected: ExpectedRevision,
  ids: readonly string[],
): AppendDecision => {
  const { last } = stream;
  const conflict: AppendDecision = { kind: 'conflict', actual: last };
  const wanted = expected === 'none' ? -1 : expected;
  if (ids.length === 0) {
    return wanted === 'any' || wanted === last ? { kind: 'already-there', revision: last } : conflict;
  }
  const found = ids.map((id) => stream.revisionOf(id));
  const start = found[0];
  if (start !== undefined) {
    const repeated =
      (wanted === 'any' || start === wanted + 1) &&
      found.every((revision, index) => revision === start + index);
    return repeated ? { kind: 'already-there', revision: start + ids.length - 1 } : conflict;
  }
  if (found.some((revision) => revision !== undefined)) return conflict;
  return wanted === 'any' || wanted === last ? { kind: 'append', first: last + 1 } : conflict;
};

/** The longest JSON text of one event's data, in UTF-16 code units. */
export const longestEvent = 1 << 24;
const longestName = 1024;

/** Stream names, event types and ids are well-formed text without control characters: they are shown and compared. */
export const checkName = (what: string, name: string): void => {
  const fault =
    name.length === 0
      ? 'is empty'
      : name.length > longestName
        ? `is longer than ${String(longestName)} characters`
        : !name.isWellFormed()
          ? 'holds half a surrogate pair'
          : /\p{Cc}/u.test(name)
            ? 'holds a control character'
            : undefined;
  if (fault !== undefined) throw new TypeError(`${what} ${JSON.stringify(name.slice(0, 80))} ${fault}`);
};

export const checkExpected = (expected: ExpectedRevision): void => {
  if (expected === 'none' || expected === 'any' || (Number.isSafeInteger(expected) && expected >= -1)) return;
  throw new TypeError(`expected revision ${String(expected)} is neither 'none', 'any' nor a revision`);
};

/** An event on its way into a store: its data is JSON text, so that later changes to the object do not count. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: string;
}

const refuseWhatJsonWouldChange = (key: string, value: unknown): unknown => {
  const unfit =
    (typeof value === 'number' && !Number.isFinite(value)) ||
    value === undefined ||
    typeof value === 'bigint' ||
    typeof value === 'function' ||
    typeof value === 'symbol';
  if (unfit)
    throw new TypeError(`event data has ${String(value)} at ${JSON.stringify(key)}, which JSON cannot carry`);
  return value;
};

/** Throws TypeError or RangeError for what a store would not give back as it was. */
export const encodeEvents = (events: readonly EventToAppend[]): readonly EncodedEvent[] => {
  const ids = new Set<string>();
  return events.map(({ id, type, version, data }) => {
    checkName('event id', id);
    checkName('event type', type);
    if (ids.has(id)) throw new TypeError(`event id ${id} occurs twice in one append`);
    ids.add(id);
    if (!Number.isSafeInteger(version) || version < 0) {
      throw new TypeError(`version ${String(version)} of event ${id} is not a whole number`);
    }
    const text = JSON.stringify(data, refuseWhatJsonWouldChange);
    if (text.length > longestEvent) {
      throw new RangeError(
        `event ${id} (${type}) has ${String(text.length)} characters of data, more than ${String(longestEvent)}: store it as a blob`,
      );
    }
    return { id, type, version, data: text };
  });
};

export const decodeData = (text: string): Json => JSON.parse(text) as Json;

import { filter, Observable, take } from 'rxjs';
import type { EventStore, StoredEvent } from './ports/event-store.ts';
import { isBranch, streamOf, unknownRecording } from './recording/history.ts';
import { forkPoint } from './recording/recorded-events.ts';

export interface EventsRequest {
  readonly recording: string;
  /** First revision (default 0). */
  readonly from?: number | undefined;
  readonly types?: readonly string[] | undefined;
  readonly limit?: number | undefined;
  /** Stay subscribed: after what is stored, events as they are appended (until unsubscribed). Default false. */
  readonly follow?: boolean | undefined;
}

const firstOf = async (branch: string, events: EventStore): Promise<number> =>
  (await forkPoint(events, branch)).first;

/**
 * A recording's events, or those that a branch has of its own, in order. Without `follow` it completes after the last one; with it, new events arrive as they
 * are appended, until the subscriber leaves. Errors: `unknown-recording` (unless following), and the store's faults.
 */
export function watchEvents(request: EventsRequest, events: EventStore): Observable<StoredEvent> {
  const stream = streamOf(request.recording);
  const from = request.from ?? 0;
  const all = new Observable<StoredEvent>((subscriber) => {
    const leaving = new AbortController();
    const deliver = async (): Promise<void> => {
      const exists = (await events.streams(stream)).includes(stream);
      if (!exists && request.follow !== true) throw unknownRecording(request.recording);
      // A branch's own events are numbered on from its parent's.
      const first = exists && isBranch(request.recording) ? await firstOf(request.recording, events) : 0;
      const own = Math.max(0, from - first);
      const source =
        request.follow === true
          ? events.subscribe(stream, own, leaving.signal)
          : events.read(stream, { from: own });
      for await (const event of source) {
        if (leaving.signal.aborted) return;
        subscriber.next({ ...event, revision: event.revision + first });
      }
    };
    deliver().then(
      () => {
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
    return () => {
      leaving.abort();
    };
  });
  const { types, limit } = request;
  const wanted = types === undefined ? all : all.pipe(filter(({ type }) => types.includes(type)));
  return limit === undefined ? wanted : wanted.pipe(take(limit));
}

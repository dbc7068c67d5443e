import { filter, Observable, take } from 'rxjs';
import type { EventStore, StoredEvent } from './ports/event-store.ts';
import { streamOf, unknownRecording } from './recording/recording-error.ts';

export interface EventsRequest {
  readonly recording: string;
  /** First revision (default 0). */
  readonly from?: number | undefined;
  readonly types?: readonly string[] | undefined;
  readonly limit?: number | undefined;
  /** Stay subscribed: after what is stored, events as they are appended (until unsubscribed). Default false. */
  readonly follow?: boolean | undefined;
}

/**
 * A recording's events, in order. Without `follow` it completes after the last one; with it, new events arrive as they
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
      const source =
        request.follow === true
          ? events.subscribe(stream, from, leaving.signal)
          : events.read(stream, { from });
      for await (const event of source) {
        if (leaving.signal.aborted) return;
        subscriber.next(event);
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

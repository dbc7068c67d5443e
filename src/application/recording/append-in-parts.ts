import type { Result } from '../../domain/shared/result.ts';
import type { EventStore, EventToAppend, WrongExpectedRevision } from '../ports/event-store.ts';
import { StoreFault } from '../ports/store-fault.ts';

/**
 * Appends events behind revision `last` (-1: to a new stream). Where the store takes only less in one append, in as many as
 * it takes: each part is atomic then, the whole is not, and a conflict leaves the parts before it. Faults are thrown.
 */
export async function appendInParts(
  store: EventStore,
  stream: string,
  last: number,
  events: readonly EventToAppend[],
): Promise<Result<{ readonly revision: number }, WrongExpectedRevision>> {
  try {
    return await store.append(stream, last < 0 ? 'none' : last, events);
  } catch (error) {
    const divisible = error instanceof StoreFault && error.code === 'append-too-large' && events.length > 1;
    if (!divisible) throw error;
    const middle = Math.ceil(events.length / 2);
    const first = await appendInParts(store, stream, last, events.slice(0, middle));
    if (!first.ok) return first;
    return appendInParts(store, stream, first.value.revision, events.slice(middle));
  }
}

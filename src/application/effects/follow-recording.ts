import type { IndexBegunData } from '../../domain/effects-index/events.ts';
import type { EventStore } from '../ports/event-store.ts';
import { streamOf } from '../recording/history.ts';
import { parseStored } from '../recording/recorded-events.ts';
import { endOf } from '../recording/recording-end.ts';
import { effectsLog, indexSetup } from './effects-log.ts';
import { indexRecording, type IndexingParts } from './index-recording.ts';
import type { FollowRequest, IndexResult } from './index-request.ts';

/** Chunks that have to be there before they are indexed: setting out anew takes as long as replaying some. */
const worthwhile = 8;

/**
 * Indexes a recording while it grows: whole chunks, when there are some, and what is left at its end. It is read as by anyone else, so
 * whoever records is not concerned. It may not have begun yet. Throws as `indexRecording` does.
 */
export async function followRecording(request: FollowRequest, parts: IndexingParts): Promise<IndexResult> {
  const { recording, signal, abandoned } = request;
  const { events } = parts.stores;
  const log = effectsLog(recording, events, parts.newId);
  let [made, damage] = [0, [] as readonly string[]];
  let due = 0;
  for await (const icount of growth(recording, events, [signal, abandoned])) {
    if (icount < due) continue;
    const setup = await indexSetup(recording, await log.refresh(), events, request.sliceLength);
    const step = worthwhile * chunkLength(setup);
    due = Math.max(due, step);
    if (icount < due) continue;
    const result = await indexRecording({ ...request, whole: true }, parts);
    made += result.made;
    damage = [...damage, ...result.damage];
    due = icount + step;
  }
  const rest = await indexRecording(request, parts);
  return { ...rest, made: made + rest.made, damage: [...damage, ...rest.damage] };
}

const chunkLength = ({ sliceLength, chunkSlices }: IndexBegunData): number => sliceLength * chunkSlices;

/** How far a recording goes, event by event, until it has ended or one of the signals aborts. */
async function* growth(
  recording: string,
  events: EventStore,
  signals: readonly (AbortSignal | undefined)[],
): AsyncGenerator<number, undefined> {
  const leaving = new AbortController();
  const stop = AbortSignal.any([leaving.signal, ...signals.filter((signal) => signal !== undefined)]);
  try {
    for await (const stored of events.subscribe(streamOf(recording), 0, stop)) {
      const { event } = parseStored(stored);
      if (stop.aborted || endOf(event) !== undefined) return;
      if ('icount' in event.data) yield event.data.icount;
    }
  } finally {
    leaving.abort();
  }
}

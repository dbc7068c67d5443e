import type { EffectsIndexEvent, IndexBegunData } from '../../domain/effects-index/events.ts';
import {
  effectsIndex,
  type EffectsIndexCommand,
  type EffectsIndexRefusal,
  type EffectsIndexState,
} from '../../domain/effects-index/effects-index.ts';
import { readEffectsIndexEvent } from '../../domain/effects-index/read-event.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { DecidedStream } from '../decided-stream.ts';
import type { EventStore } from '../ports/event-store.ts';
import { StoreFault } from '../ports/store-fault.ts';
import { checkpointBlobs } from '../recording/checkpoint.ts';
import type { Stores } from '../recording/journal.ts';
import { streamOf, unknownRecording } from '../recording/history.ts';
import { RecordingError } from '../recording/recording-error.ts';

/** Instructions of a slice, unless asked otherwise: a replay of one takes some milliseconds. */
const usualSlice = 2 ** 20;
/** Slices of a chunk. */
const chunkSlices = 16;

export type EffectsLog = DecidedStream<
  EffectsIndexCommand,
  EffectsIndexState,
  EffectsIndexEvent,
  EffectsIndexRefusal
>;

const effectsPrefix = 'effects-';

/** The stream of the index of a recording, or of a branch of one. Throws `invalid-recording-name`. */
export const effectsStream = (history: string): string => effectsPrefix + streamOf(history);

/** An index's events. What cannot be read is no loss: another index can be begun. */
export const effectsLog = (recording: string, events: EventStore, newId: () => string): EffectsLog =>
  new DecidedStream({
    events,
    stream: effectsStream(recording),
    decider: effectsIndex,
    read: readEffectsIndexEvent,
    newId,
    damaged: ({ revision }, why) =>
      new RecordingError(
        'damaged-index',
        `event ${revision} of the index of ${recording} cannot be used: ${why}; \`isochron index ${recording} --anew\` makes another`,
        { recording, revision },
      ),
  });

/** What identifies a recording, whatever its name. Throws `unknown-recording`. */
export async function recordingId(recording: string, events: EventStore): Promise<string> {
  for await (const { id } of events.read(streamOf(recording), { limit: 1 })) return id;
  throw unknownRecording(recording);
}

/** The setup of a recording's index: as it was begun, or to begin with. Throws `unknown-recording`. */
export async function indexSetup(
  recording: string,
  state: EffectsIndexState,
  events: EventStore,
  sliceLength?: number,
): Promise<IndexBegunData> {
  const id = await recordingId(recording, events);
  if (state.status === 'begun' && state.setup.recording === id) {
    const { setup } = state;
    if (sliceLength === undefined || sliceLength === setup.sliceLength) return setup;
  }
  return { recording: id, sliceLength: sliceLength ?? usualSlice, chunkSlices };
}

/** Every blob that the index of a recording refers to and that is still there. An index that cannot be read has none. */
export async function effectsBlobs(recording: string, { events, blobs }: Stores): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  try {
    const state = await effectsLog(recording, events, () => '').refresh();
    for (const { content, states } of state.status === 'absent' ? [] : state.chunks.values()) {
      found.push(content);
      for (const { snapshot } of states)
        if (await blobs.has(snapshot)) found.push(...(await checkpointBlobs(snapshot, blobs)));
    }
  } catch (error) {
    if (!(error instanceof RecordingError || error instanceof StoreFault)) throw error;
  }
  return found;
}

import type { Digest } from '../domain/shared/digest.ts';
import type { CopyRequest, CopyResult } from './copy-request.ts';
import { recordingBlobs, showRecording } from './manage-recordings.ts';
import type { EventToAppend, StoredEvent } from './ports/event-store.ts';
import { appendInParts } from './recording/append-in-parts.ts';
import type { Stores } from './recording/journal.ts';
import { RecordingError, streamOf } from './recording/recording-error.ts';

/** About how many bytes of blobs, and how many events, are put into the target at a time. */
const portionBytes = 4 << 20;
const portionEvents = 512;

/**
 * Copies a recording from one store to another: its blobs, then its events with their ids, and reads all of it back. Laws:
 * what is there already is compared and not written again, so a copy that was interrupted goes on; the source is not
 * changed; a blob is durable in the target before an event refers to it. Throws `recording-exists` when the target has other
 * events under that name, and the stores' faults.
 */
export async function copyRecording(request: CopyRequest, from: Stores, to: Stores): Promise<CopyResult> {
  const { recording, signal } = request;
  const stream = streamOf(recording);
  const { events, chain } = await showRecording(recording, from);
  const present = await commonPrefix(stream, from, to);
  const needed = [...(await recordingBlobs(recording, from))];
  const copied = { blobs: 0, events: 0 };
  const result = (complete: boolean): CopyResult => ({
    recording,
    events,
    eventsCopied: copied.events,
    blobs: needed.length,
    blobsCopied: copied.blobs,
    chain,
    complete,
  });
  for await (const blobs of missingBlobs(needed, from, to)) {
    if (signal?.aborted === true) return result(false);
    await to.blobs.putMany(blobs);
    copied.blobs += blobs.length;
    request.onProgress?.({ ...copied });
  }
  for await (const portion of portions(
    from.events.read(stream, { from: present, limit: events - present }),
  )) {
    if (signal?.aborted === true) return result(false);
    const appended = await appendInParts(to.events, stream, present + copied.events - 1, portion);
    if (!appended.ok) throw differs(recording, appended.error.actual);
    copied.events += portion.length;
    request.onProgress?.({ ...copied });
  }
  // The proof of the copy is the target itself: every event again, and every blob against its digest.
  const same = await commonPrefix(stream, from, to);
  if (same < events) throw differs(recording, same);
  for (const digest of needed) await to.blobs.get(digest);
  return result(true);
}

/** How many events the target has; they are the source's first ones. Throws `recording-exists` when they are not. */
async function commonPrefix(stream: string, from: Stores, to: Stores): Promise<number> {
  const source = from.events.read(stream)[Symbol.asyncIterator]();
  let count = 0;
  for await (const event of to.events.read(stream)) {
    const { value, done } = await source.next();
    if (done === true || !sameEvent(value, event)) {
      await source.return?.();
      throw differs(stream.replace(/^machine-/, ''), count);
    }
    count++;
  }
  await source.return?.();
  return count;
}

const sameEvent = (a: StoredEvent, b: StoredEvent): boolean =>
  a.id === b.id &&
  a.type === b.type &&
  a.version === b.version &&
  JSON.stringify(a.data) === JSON.stringify(b.data);

const differs = (recording: string, revision: number): RecordingError =>
  new RecordingError(
    'recording-exists',
    `the target has another recording named ${recording}: event ${revision.toString()} differs; delete it there first`,
    { recording, revision },
  );

async function* missingBlobs(
  digests: readonly Digest[],
  from: Stores,
  to: Stores,
): AsyncGenerator<readonly Uint8Array[]> {
  let portion: Uint8Array[] = [];
  let bytes = 0;
  for (const digest of digests) {
    if (await to.blobs.has(digest)) continue;
    const blob = await from.blobs.get(digest);
    portion.push(blob);
    bytes += blob.length;
    if (bytes < portionBytes) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}

async function* portions(events: AsyncIterable<StoredEvent>): AsyncGenerator<readonly EventToAppend[]> {
  let portion: EventToAppend[] = [];
  for await (const { id, type, version, data } of events) {
    portion.push({ id, type, version, data });
    if (portion.length < portionEvents) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

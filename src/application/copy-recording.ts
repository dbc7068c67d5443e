import type { Digest } from '../domain/shared/digest.ts';
import type { CopyRequest, CopyResult } from './copy-request.ts';
import { familyOf, recordingBlobs, showRecording } from './manage-recordings.ts';
import type { EventToAppend, StoredEvent } from './ports/event-store.ts';
import { appendInParts } from './recording/append-in-parts.ts';
import type { Stores } from './recording/journal.ts';
import { historyOf, streamOf } from './recording/history.ts';
import { RecordingError } from './recording/recording-error.ts';

/** About how many bytes of blobs, and how many events, are put into the target at a time. */
const portionBytes = 4 << 20;
const portionEvents = 512;

/**
 * Copies a recording with its branches from one store to another, blobs before events, which keep their ids, and reads all of it
 * back. Laws: what is there already is compared and not written again, so a copy that was interrupted goes on; the source
 * is not changed; a blob is durable in the target before an event refers to it. Throws `recording-exists` when the target
 * has other events under that name, and the stores' faults.
 */
export async function copyRecording(request: CopyRequest, from: Stores, to: Stores): Promise<CopyResult> {
  const { chain } = await showRecording(request.recording, from);
  const copied = { events: 0, eventsCopied: 0, blobs: 0, blobsCopied: 0 };
  const seen = new Set<Digest>();
  let complete = true;
  for (const history of await familyOf(request.recording, from)) {
    complete = await copyStream(history, { ...request, from, to, copied, seen });
    if (!complete) break;
  }
  return { recording: request.recording, ...copied, chain, complete };
}

interface Copying extends CopyRequest {
  readonly from: Stores;
  readonly to: Stores;
  readonly copied: Counts;
  /** Blobs that are in the target. */
  readonly seen: Set<Digest>;
}

type Counts = Record<'events' | 'eventsCopied' | 'blobs' | 'blobsCopied', number>;

/** Copies a history's own events and the blobs they need; false when aborted. */
async function copyStream(
  history: string,
  { from, to, copied, seen, signal, onProgress }: Copying,
): Promise<boolean> {
  const stream = streamOf(history);
  const events = await countEvents(stream, from);
  const present = await commonPrefix(stream, from, to);
  const needed = [...(await recordingBlobs(history, from))].filter((digest) => !seen.has(digest));
  const report = () => onProgress?.({ events: copied.eventsCopied, blobs: copied.blobsCopied });
  copied.events += events;
  copied.blobs += needed.length;
  for await (const blobs of missingBlobs(needed, from, to)) {
    if (signal?.aborted === true) return false;
    await to.blobs.putMany(blobs);
    copied.blobsCopied += blobs.length;
    report();
  }
  let revision = present - 1;
  const rest = from.events.read(stream, { from: present, limit: events - present });
  for await (const portion of portions(rest)) {
    if (signal?.aborted === true) return false;
    const appended = await appendInParts(to.events, stream, revision, portion);
    if (!appended.ok) throw differs(stream, appended.error.actual);
    revision += portion.length;
    copied.eventsCopied += portion.length;
    report();
  }
  // The proof of the copy is the target itself: every event again, and every blob against its digest.
  const same = await commonPrefix(stream, from, to);
  if (same < events) throw differs(stream, same);
  for (const digest of needed) await to.blobs.get(digest);
  for (const digest of needed) seen.add(digest);
  return true;
}

async function countEvents(stream: string, { events }: Stores): Promise<number> {
  for await (const { revision } of events.read(stream, { direction: 'backwards', limit: 1 }))
    return revision + 1;
  return 0;
}

/** How many events the target has; they are the source's first ones. Throws `recording-exists` when they are not. */
async function commonPrefix(stream: string, from: Stores, to: Stores): Promise<number> {
  const source = from.events.read(stream)[Symbol.asyncIterator]();
  let count = 0;
  for await (const event of to.events.read(stream)) {
    const { value, done } = await source.next();
    if (done === true || !sameEvent(value, event)) {
      await source.return?.();
      throw differs(stream, count);
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

function differs(stream: string, revision: number): RecordingError {
  const recording = historyOf(stream) ?? stream;
  return new RecordingError(
    'recording-exists',
    `the target has another recording named ${recording}: event ${revision.toString()} differs; delete it there first`,
    { recording, revision },
  );
}

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

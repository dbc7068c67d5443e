import type { Digest } from '../domain/shared/digest.ts';
import { effectsBlobs, effectsStream } from './effects/effects-log.ts';
import type { RecordingSummary } from './isochron.ts';
import type { EventStore } from './ports/event-store.ts';
import type { RecordingArchive } from './ports/recording-archive.ts';
import { checkpointBlobs } from './recording/checkpoint.ts';
import type { Stores } from './recording/journal.ts';
import { blobsOf, forkPoint, recordedEvents, recordedSetup } from './recording/recorded-events.ts';
import { branchesOf } from './branches/branch-names.ts';
import {
  historyName,
  historyOf,
  isBranch,
  parseHistory,
  recordingPrefix,
  streamOf,
  unknownRecording,
} from './recording/history.ts';
import { endOf } from './recording/recording-end.ts';
import { RecordingError } from './recording/recording-error.ts';

/** What a recording holds, from its events alone. Throws `unknown-recording` or `damaged-recording`. */
export async function showRecording(recording: string, { events }: Stores): Promise<RecordingSummary> {
  const setup = await recordedSetup(events, recording);
  const eventsByType: Record<string, number> = {};
  const checkpoints: number[] = [];
  let summary: Pick<RecordingSummary, 'icount' | 'end' | 'chain' | 'unsupported'> = {
    icount: 0,
    end: { kind: 'cut-off' },
    chain: undefined,
    unsupported: {},
  };
  let count = 0;
  let eventBytes = 0;
  for await (const { event } of recordedEvents(events, recording)) {
    const { type, data } = event;
    count++;
    eventBytes += JSON.stringify(data).length;
    eventsByType[type] = (eventsByType[type] ?? 0) + 1;
    if ('icount' in data) summary = { ...summary, icount: Math.max(summary.icount, data.icount) };
    if ('chain' in data) summary = { ...summary, chain: data.chain };
    if ('unsupported' in data) summary = { ...summary, unsupported: data.unsupported };
    if (type === 'CheckpointTaken') checkpoints.push(event.data.icount);
    summary = { ...summary, end: endOf(event) ?? summary.end };
  }
  return {
    name: recording,
    isa: setup.isa,
    program: setup.program,
    arguments: setup.arguments,
    environment: setup.environment,
    workingDirectory: setup.workingDirectory,
    mounts: setup.mounts,
    seed: setup.seed,
    epoch: setup.epoch,
    memorySize: setup.memorySize,
    events: count,
    eventBytes,
    eventsByType,
    checkpoints,
    ...summary,
  };
}

/** The names of all recordings, in order. */
export async function recordingNames({ events }: Stores): Promise<readonly string[]> {
  return (await events.streams(recordingPrefix)).map((stream) => stream.slice(recordingPrefix.length));
}

/** A recording and its branches, as histories. Throws `invalid-request` for a branch. */
export async function familyOf(history: string, { events }: Stores): Promise<readonly string[]> {
  const { recording } = parseHistory(history);
  if (isBranch(history))
    throw new RecordingError(
      'invalid-request',
      `${history} is nothing without its parent: give ${recording}, which goes with all its branches`,
      { recording: history },
    );
  const branches = await branchesOf(recording, events);
  return [recording, ...branches.map((branch) => historyName(recording, branch))];
}

/** Every blob a recording refers to, its checkpoints' pages included. Throws the blob store's faults. */
export async function recordingBlobs(
  recording: string,
  { events, blobs }: Stores,
): Promise<ReadonlySet<Digest>> {
  const found = new Set<Digest>();
  for await (const { event } of recordedEvents(events, recording)) {
    const named =
      event.type === 'CheckpointTaken' ? await checkpointBlobs(event.data.snapshot, blobs) : blobsOf(event);
    for (const digest of named) found.add(digest);
  }
  return found;
}

/** Throws `invalid-request` where other branches depart from this one. */
async function requireNoChildren(history: string, { events }: Stores): Promise<void> {
  if (!isBranch(history)) return;
  const { recording, branch } = parseHistory(history);
  const children: string[] = [];
  for (const other of await branchesOf(recording, events)) {
    const parent = await parentOf(historyName(recording, other), events);
    if (parent === branch) children.push(other);
  }
  if (children.length > 0)
    throw new RecordingError(
      'invalid-request',
      `${children.join(', ')} of ${recording} depart from ${branch}: delete them first`,
      { recording: history },
    );
}

/** The branch that this one departs from; undefined where its own events are too damaged to say. */
async function parentOf(branch: string, events: EventStore): Promise<string | undefined> {
  try {
    return (await forkPoint(events, branch)).fork.parent;
  } catch (error) {
    if (error instanceof RecordingError && error.code === 'damaged-recording') return undefined;
    throw error;
  }
}

/**
 * Removes a recording with its branches and indexes, or a branch, then every blob that no other recording refers to; gives the bytes freed. A recording that is
 * damaged can be removed too; while any other is, blobs are kept, since what it needs cannot be told.
 */
export async function deleteRecording(recording: string, stores: Stores): Promise<number> {
  await requireNoChildren(recording, stores);
  const [, ...branches] = isBranch(recording) ? [] : await familyOf(recording, stores);
  for (const branch of branches) {
    await stores.events.delete(streamOf(branch));
    await stores.events.delete(effectsStream(branch));
  }
  if (!(await stores.events.delete(streamOf(recording)))) throw unknownRecording(recording);
  await stores.events.delete(effectsStream(recording));
  const live = new Set<Digest>();
  for (const name of await recordingNames(stores)) {
    try {
      for (const history of await familyOf(name, stores)) {
        for (const digest of await recordingBlobs(history, stores)) live.add(digest);
        for (const digest of await effectsBlobs(history, stores)) live.add(digest);
      }
    } catch {
      return 0;
    }
  }
  return stores.blobs.collect(live);
}

/** Writes a recording, its branches and all that they refer to as one new file. */
export async function exportRecording(
  recording: string,
  file: string,
  { stores, archive }: { readonly stores: Stores; readonly archive: RecordingArchive },
): Promise<void> {
  const family = await familyOf(recording, stores);
  await recordedSetup(stores.events, recording);
  const blobs = new Set<Digest>();
  for (const history of family) for (const digest of await recordingBlobs(history, stores)) blobs.add(digest);
  await archive.write(file, { streams: family.map(streamOf), blobs }, stores);
}

/** Takes in a file that `exportRecording` wrote; gives the recording's name. */
export async function importRecording(
  file: string,
  name: string | undefined,
  { stores, archive }: { readonly stores: Stores; readonly archive: RecordingArchive },
): Promise<string> {
  const { streams } = await archive.verify(file);
  const histories = streams.map((stream) => historyOf(stream.name));
  const names = new Set(histories.map((history) => history && parseHistory(history).recording));
  const [exported] = names;
  if (names.size !== 1 || exported === undefined || !histories.includes(exported))
    throw new RecordingError(
      'invalid-request',
      `${file} holds ${streams.length.toString()} streams, which are not one recording`,
      { file },
    );
  const recording = name ?? exported;
  streamOf(recording);
  await archive.read(file, stores, (stream) => {
    const { branch } = parseHistory(historyOf(stream)!);
    return streamOf(historyName(recording, branch));
  });
  return recording;
}

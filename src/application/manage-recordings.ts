import type { Digest } from '../domain/shared/digest.ts';
import { effectsBlobs, effectsStream } from './effects/effects-log.ts';
import type { RecordingSummary } from './isochron.ts';
import type { RecordingArchive } from './ports/recording-archive.ts';
import { checkpointBlobs } from './recording/checkpoint.ts';
import type { Stores } from './recording/journal.ts';
import { blobsOf, recordedEvents, recordedSetup } from './recording/recorded-events.ts';
import { RecordingError, recordingPrefix, streamOf, unknownRecording } from './recording/recording-error.ts';

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
    if (type === 'MachineExited') summary = { ...summary, end: event.data.status };
    if (type === 'MachineStopped')
      summary = { ...summary, end: { kind: 'stopped', reason: event.data.reason } };
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

/**
 * Removes a recording and its index, then every blob that no other recording refers to; gives the bytes freed. A recording that is
 * damaged can be removed too; while any other is, blobs are kept, since what it needs cannot be told.
 */
export async function deleteRecording(recording: string, stores: Stores): Promise<number> {
  if (!(await stores.events.delete(streamOf(recording)))) throw unknownRecording(recording);
  await stores.events.delete(effectsStream(recording));
  const live = new Set<Digest>();
  for (const name of await recordingNames(stores)) {
    try {
      for (const digest of await recordingBlobs(name, stores)) live.add(digest);
      for (const digest of await effectsBlobs(name, stores)) live.add(digest);
    } catch {
      return 0;
    }
  }
  return stores.blobs.collect(live);
}

/** Writes a recording and all it refers to as one new file. */
export async function exportRecording(
  recording: string,
  file: string,
  { stores, archive }: { readonly stores: Stores; readonly archive: RecordingArchive },
): Promise<void> {
  await recordedSetup(stores.events, recording);
  const blobs = await recordingBlobs(recording, stores);
  await archive.write(file, { streams: [streamOf(recording)], blobs }, stores);
}

/** Takes in a file that `exportRecording` wrote; gives the recording's name. */
export async function importRecording(
  file: string,
  name: string | undefined,
  { stores, archive }: { readonly stores: Stores; readonly archive: RecordingArchive },
): Promise<string> {
  const { streams } = await archive.verify(file);
  const [stream] = streams;
  if (streams.length !== 1 || stream === undefined || !stream.name.startsWith(recordingPrefix))
    throw new RecordingError(
      'invalid-request',
      `${file} holds ${streams.length.toString()} streams, not one recording`,
      {
        file,
      },
    );
  const recording = name ?? stream.name.slice(recordingPrefix.length);
  const target = streamOf(recording);
  await archive.read(file, stores, () => target);
  return recording;
}

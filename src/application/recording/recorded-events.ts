import type { Digest } from '../../domain/shared/digest.ts';
import type { MachineCreatedData, MachineEvent } from '../../domain/virtual-machine/events.ts';
import { readMachineEvent } from '../../domain/virtual-machine/read-event.ts';
import type { EventStore, StoredEvent } from '../ports/event-store.ts';
import type { GuestSetup } from '../ports/guest-machine.ts';
import { RecordingError, streamOf, unknownRecording } from './recording-error.ts';

/** An event of a recording, with its place in the stream. */
export interface RecordedEvent {
  readonly revision: number;
  readonly event: MachineEvent;
}

/** The stored event as one of the machine's. Throws `damaged-recording`, naming the revision and what is wrong. */
export function parseStored(stored: StoredEvent): RecordedEvent {
  const read = readMachineEvent(stored);
  if (!read.ok)
    throw new RecordingError(
      'damaged-recording',
      `event ${stored.revision.toString()} of ${stored.stream} cannot be used: ${read.error}`,
      { stream: stored.stream, revision: stored.revision },
    );
  return { revision: stored.revision, event: read.value };
}

/** A recording's events from revision `from` on. Throws `damaged-recording`. */
export async function* recordedEvents(
  events: EventStore,
  recording: string,
  from = 0,
): AsyncGenerator<RecordedEvent, undefined> {
  let next = from;
  for await (const stored of events.read(streamOf(recording), { from })) {
    if (stored.revision !== next)
      throw new RecordingError(
        'damaged-recording',
        `events ${next.toString()} to ${(stored.revision - 1).toString()} of ${stored.stream} are missing`,
        { stream: stored.stream, revision: next },
      );
    next++;
    yield parseStored(stored);
  }
}

/** How a recording's machine was set up. Throws `unknown-recording` or `damaged-recording`. */
export async function recordedSetup(events: EventStore, recording: string): Promise<MachineCreatedData> {
  for await (const { event } of recordedEvents(events, recording)) {
    if (event.type === 'MachineCreated') return event.data;
    throw new RecordingError(
      'damaged-recording',
      `${recording} begins with ${event.type}, not MachineCreated`,
      {
        recording,
      },
    );
  }
  throw unknownRecording(recording);
}

/** The setup with which to build the recorded guest again. */
export function guestSetup(created: MachineCreatedData, program: Uint8Array): GuestSetup {
  const { arguments: args, environment, workingDirectory, mounts, seed, epoch, memorySize } = created;
  return {
    program,
    programPath: created.program.path,
    arguments: args,
    environment,
    workingDirectory,
    mounts,
    seed,
    epoch,
    memorySize,
  };
}

/** The blobs that an event names itself (a checkpoint's manifest names more). */
export function blobsOf(event: MachineEvent): readonly Digest[] {
  switch (event.type) {
    case 'MachineCreated':
      return [event.data.program.digest];
    case 'CheckpointTaken':
      return [event.data.snapshot];
    case 'HostReplied': {
      const { reply } = event.data;
      if (!reply.ok) return [];
      const found: Digest[] = [];
      if (reply.names !== undefined && 'blob' in reply.names) found.push(reply.names.blob);
      if (reply.bytes !== undefined && 'blob' in reply.bytes) found.push(reply.bytes.blob);
      return found;
    }
    default:
      return [];
  }
}

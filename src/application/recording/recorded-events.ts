import type { Digest } from '../../domain/shared/digest.ts';
import type {
  MachineCreatedData,
  MachineEvent,
  MachineForkedData,
} from '../../domain/virtual-machine/events.ts';
import { readMachineEvent } from '../../domain/virtual-machine/read-event.ts';
import type { EventStore, StoredEvent } from '../ports/event-store.ts';
import type { GuestSetup } from '../ports/guest-machine.ts';
import { historyName, isBranch, parseHistory, streamOf, unknownRecording } from './history.ts';
import { RecordingError } from './recording-error.ts';

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

/** Where a branch departs from its parent. */
export interface ForkPoint {
  /** The parent's name as a history. */
  readonly parent: string;
  /** The revision of the branch's first event, counted on from its parent's. */
  readonly first: number;
  readonly fork: MachineForkedData;
}

/** How a branch begins. Throws `unknown-recording` or `damaged-recording`. */
export async function forkPoint(events: EventStore, branch: string): Promise<ForkPoint> {
  for await (const stored of events.read(streamOf(branch), { limit: 1 })) {
    const { event } = parseStored(stored);
    if (stored.revision !== 0 || event.type !== 'MachineForked') break;
    const { recording } = parseHistory(branch);
    const parent = historyName(recording, event.data.parent);
    return { parent, first: event.data.revision + 1, fork: event.data };
  }
  if (!(await events.streams(streamOf(branch))).includes(streamOf(branch))) throw unknownRecording(branch);
  throw new RecordingError('damaged-recording', `${branch} does not begin with MachineForked`, {
    recording: branch,
  });
}

/**
 * A history's events from revision `from` on, up to `end` (excluded): those of a branch are its parent's up to the fork, then its
 * own. Throws `damaged-recording`, and `unknown-recording` for a branch that is not there.
 */
export async function* recordedEvents(
  events: EventStore,
  history: string,
  from = 0,
  end = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<RecordedEvent, undefined> {
  let first = 0;
  let next = from;
  if (isBranch(history)) {
    const point = await forkPoint(events, history);
    first = point.first;
    for await (const recorded of recordedEvents(events, point.parent, from, Math.min(first, end))) {
      next++;
      yield recorded;
    }
    if (next < Math.min(first, end)) throw missing(history, next, first);
  }
  if (next >= end) return;
  for await (const stored of events.read(streamOf(history), { from: next - first })) {
    const revision = stored.revision + first;
    if (revision !== next) throw missing(history, next, revision);
    if (revision >= end) return;
    next++;
    yield { revision, event: parseStored(stored).event };
  }
}

const missing = (history: string, from: number, until: number): RecordingError =>
  new RecordingError(
    'damaged-recording',
    `events ${from.toString()} to ${(until - 1).toString()} of ${streamOf(history)} are missing`,
    { stream: streamOf(history), revision: from },
  );

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

import type { Digest } from '../../domain/shared/digest.ts';
import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { MachineCreatedData } from '../../domain/virtual-machine/events.ts';
import { endOf, type RecordingEnd } from '../recording/recording-end.ts';
import type { EventStore } from '../ports/event-store.ts';
import { recordedEvents } from '../recording/recorded-events.ts';
import { unknownRecording } from '../recording/history.ts';
import { RecordingError } from '../recording/recording-error.ts';

/** A checkpoint of the recording. */
export interface IndexedCheckpoint {
  readonly icount: number;
  readonly snapshot: Digest;
  /** Host replies that the guest had been given by then. */
  readonly replies: number;
  /** It belongs to the recording's index, and can be done without. */
  readonly derived?: true;
}

/** Where everything is in a recording: read once, so that going anywhere needs no search. */
export interface RecordingIndex {
  readonly setup: MachineCreatedData;
  readonly end: RecordingEnd;
  /** Instructions recorded. */
  readonly icount: number;
  /** Ascending. */
  readonly checkpoints: readonly IndexedCheckpoint[];
  /** For the n-th host reply: the instruction count at which it was given, and its event's revision. */
  readonly replies: { readonly icounts: readonly number[]; readonly revisions: readonly number[] };
  /** Where a branch departed from its parent, and its parent from its own, in order; the edits are done at that instant. */
  readonly forks: readonly { readonly icount: number; readonly edits: readonly Edit[] }[];
}

/** Reads a recording's events once. Throws `unknown-recording` or `damaged-recording`. */
export async function readIndex(recording: string, events: EventStore): Promise<RecordingIndex> {
  let setup: MachineCreatedData | undefined;
  let icount = 0;
  let end: RecordingEnd = { kind: 'cut-off' };
  const checkpoints: IndexedCheckpoint[] = [];
  const icounts: number[] = [];
  const revisions: number[] = [];
  const forks: { readonly icount: number; readonly edits: readonly Edit[] }[] = [];
  for await (const { revision, event } of recordedEvents(events, recording)) {
    if (event.type === 'MachineCreated') {
      if (revision === 0) setup = event.data;
      continue;
    }
    if (event.type === 'MachineStarted') continue;
    icount = Math.max(icount, event.data.icount);
    if (event.type === 'HostReplied') {
      icounts.push(event.data.icount);
      revisions.push(revision);
    }
    if (event.type === 'CheckpointTaken')
      checkpoints.push({
        icount: event.data.icount,
        snapshot: event.data.snapshot,
        replies: icounts.length,
      });
    if (event.type === 'MachineForked') {
      // The state there is the edited one.
      while (checkpoints.at(-1)?.icount === event.data.icount) checkpoints.pop();
      forks.push({ icount: event.data.icount, edits: event.data.edits });
    }
    end = endOf(event) ?? end;
  }
  if (icount === 0 && setup === undefined && icounts.length === 0) throw unknownRecording(recording);
  if (setup === undefined)
    throw new RecordingError('damaged-recording', `${recording} does not begin with MachineCreated`, {
      recording,
    });
  return { setup, end, icount, checkpoints, replies: { icounts, revisions }, forks };
}

/** The last of `sorted` (ascending by `icount`) at or before `icount`. */
export function lastAtOrBefore<T extends { readonly icount: number }>(
  sorted: readonly T[],
  icount: number,
): T | undefined {
  return sorted[countUpTo(sorted, icount) - 1];
}

/** How many of `sorted` lie at or before `icount`. */
export function countUpTo(sorted: readonly { readonly icount: number }[], icount: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.icount <= icount) low = middle + 1;
    else high = middle;
  }
  return low;
}

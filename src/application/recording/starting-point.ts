import type { Digest } from '../../domain/shared/digest.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { Stores } from './journal.ts';
import { recordedEvents } from './recorded-events.ts';
import type { StartingPoint } from './replayer.ts';

/** The last checkpoint at or before `icount`, or undefined where only the beginning is. */
export async function startingPoint(
  recording: string,
  icount: number,
  stores: Stores,
): Promise<StartingPoint | undefined> {
  let found: { readonly revision: number; readonly snapshot: Digest } | undefined;
  for await (const { revision, event } of recordedEvents(stores.events, recording)) {
    if (event.type !== 'CheckpointTaken') continue;
    if (event.data.icount > icount) break;
    found = { revision, snapshot: event.data.snapshot };
  }
  if (found === undefined) return undefined;
  return { revision: found.revision, snapshot: await readCheckpoint(found.snapshot, stores.blobs) };
}

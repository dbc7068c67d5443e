import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../application/ports/blob-store.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { StoreFault, type Damage } from '../../application/ports/store-fault.ts';
import { SegmentBlobStore } from '../blob-store/segment-blob-store.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { messageOf } from './sqlite-faults.ts';
import { StoreLock } from './store-lock.ts';

export interface RecordingStore {
  readonly events: EventStore;
  readonly blobs: BlobStore;
  /** What was found damaged on opening, and what that costs. Empty: everything is there. */
  readonly damage: readonly Damage[];
  close(): Promise<void>;
}

export interface OpenRecordingStoreOptions {
  /**
   * Check every byte on opening (true) or only structure (false). By default every byte of the newest 256 MiB of blobs and of
   * an event file up to 64 MiB. Whatever is read later is checked then.
   */
  readonly contents?: boolean;
  /** How long to wait for another process that writes, ms. */
  readonly busyTimeout?: number;
}

/**
 * Opens, or creates, the recordings in a directory: `events.sqlite`, `segments/`, `lock.sqlite`. Verifies what is there and
 * repairs what it can when no other process has it open. Throws StoreFault.
 */
export const openRecordingStore = async (
  directory: string,
  options: OpenRecordingStoreOptions = {},
): Promise<RecordingStore> => {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const message = `${directory} cannot be made a directory for recordings: ${messageOf(error)}.`;
    throw new StoreFault('store-unreadable', message, { file: directory }, error);
  }
  const lock = await StoreLock.take(directory);
  try {
    return await openLocked(directory, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
};

const openLocked = async (
  directory: string,
  lock: StoreLock,
  { contents, busyTimeout }: OpenRecordingStoreOptions,
): Promise<RecordingStore> => {
  const { alone } = lock;
  const checks = contents === undefined ? {} : { contents };
  const waits = busyTimeout === undefined ? {} : { busyTimeout };
  const file = join(directory, 'events.sqlite');
  const segments = join(directory, 'segments');
  const missing = missingEvents(file, segments);
  const events = await SqliteEventStore.open(file, { alone, ...checks, ...waits });
  try {
    const exclusively = <T>(purpose: string, work: () => Promise<T>): Promise<T> =>
      lock.exclusively(purpose, work);
    const blobs = await SegmentBlobStore.open(segments, { alone, exclusively, ...checks });
    if (alone) await lock.share();
    return {
      events: events.store,
      blobs: blobs.store,
      damage: [...missing, ...events.damage, ...blobs.damage],
      close: async () => {
        await blobs.store.close();
        await events.store.close();
        lock.release();
      },
    };
  } catch (error) {
    await events.store.close();
    throw error;
  }
};

/** The event file is made before the first segment: segments without one mean that it was lost. */
const missingEvents = (file: string, segments: string): readonly Damage[] => {
  const present = existsSync(file) && statSync(file).size > 0;
  if (present || !existsSync(segments) || !readdirSync(segments).some((name) => name.endsWith('.seg')))
    return [];
  const what = existsSync(file) ? 'the file is empty' : 'the file is not there';
  return [{ where: file, what: `${what}, although there are blobs`, lost: 'every event' }];
};

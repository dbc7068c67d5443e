import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../application/ports/blob-store.ts';
import type { ConsumerGroups } from '../../application/ports/consumer-groups.ts';
import type { EventStore } from '../../application/ports/event-store.ts';
import { StoreFault, type Damage } from '../../application/ports/store-fault.ts';
import { SegmentBlobStore } from '../blob-store/segment-blob-store.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { messageOf } from './sqlite-faults.ts';
import { StoredConsumerGroups } from './stored-consumer-groups.ts';
import { StoreLock } from './store-lock.ts';

export interface RecordingStore {
  readonly events: EventStore;
  readonly blobs: BlobStore;
  readonly groups: ConsumerGroups;
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
  const lock = await lockDirectory(directory);
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
  const missing = missingEvents(file, join(directory, 'segments'));
  const events = await SqliteEventStore.open(file, { alone, ...checks, ...waits });
  try {
    const blobs = await openSegments(directory, lock, checks);
    return {
      events: events.store,
      blobs: blobs.store,
      groups: new StoredConsumerGroups(events.store),
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

const openSegments = async (
  directory: string,
  lock: StoreLock,
  checks: { readonly contents?: boolean },
): Promise<{ readonly store: SegmentBlobStore; readonly damage: readonly Damage[] }> => {
  const { alone } = lock;
  const exclusively = <T>(purpose: string, work: () => Promise<T>): Promise<T> =>
    lock.exclusively(purpose, work);
  const blobs = await SegmentBlobStore.open(join(directory, 'segments'), { alone, exclusively, ...checks });
  if (alone) await lock.share();
  return blobs;
};

/**
 * Opens, or creates, the blobs alone in a directory (`segments/`, `lock.sqlite`), for events that are kept elsewhere.
 * Throws StoreFault.
 */
export const openBlobDirectory = async (
  directory: string,
): Promise<Omit<RecordingStore, 'events' | 'groups'>> => {
  const lock = await lockDirectory(directory);
  try {
    const { store, damage } = await openSegments(directory, lock, {});
    const close = async (): Promise<void> => {
      await store.close();
      lock.release();
    };
    return { blobs: store, damage, close };
  } catch (error) {
    lock.release();
    throw error;
  }
};

const lockDirectory = async (directory: string): Promise<StoreLock> => {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const message = `${directory} cannot be made a directory for recordings: ${messageOf(error)}.`;
    throw new StoreFault('store-unreadable', message, { file: directory }, error);
  }
  return StoreLock.take(directory);
};

/** The event file is made before the first segment: segments without one mean that it was lost. */
const missingEvents = (file: string, segments: string): readonly Damage[] => {
  const present = existsSync(file) && statSync(file).size > 0;
  if (present || !existsSync(segments) || !readdirSync(segments).some((name) => name.endsWith('.seg')))
    return [];
  const what = existsSync(file) ? 'the file is empty' : 'the file is not there';
  return [{ where: file, what: `${what}, although there are blobs`, lost: 'every event' }];
};

import { join, resolve } from 'node:path';
import { openBlobDirectory, type RecordingStore } from '../open-recording-store.ts';
import { EventStoreDbEventStore } from './eventstoredb-event-store.ts';
import { parseStoreUrl } from './store-url.ts';

/**
 * Opens the recordings of a server: its events there, its blobs in the directory that the URL names (`blobs=`), else in one
 * of the server's own below `home`. Throws StoreFault.
 */
export const openServerStore = async (url: string, home: string): Promise<RecordingStore> => {
  const parsed = parseStoreUrl(url);
  const own = `${parsed.server}-${parsed.namespace}`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  const events = await EventStoreDbEventStore.open(parsed);
  try {
    const { blobs, damage, close } = await openBlobDirectory(
      parsed.blobs === undefined ? join(home, 'blobs', own) : resolve(parsed.blobs),
    );
    return {
      events,
      blobs,
      groups: events.groups,
      damage,
      close: async () => {
        await close();
        await events.close();
      },
    };
  } catch (error) {
    await events.close();
    throw error;
  }
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBlobStore } from '../../src/infrastructure/blob-store/memory-blob-store.ts';
import type { BlobStore } from '../../src/application/ports/blob-store.ts';
import { openRecordingStore } from '../../src/infrastructure/event-store/open-recording-store.ts';
import { blobStoreContract } from './blob-store.ts';

blobStoreContract('in memory', () => {
  const store = new MemoryBlobStore();
  return Promise.resolve({ store, dispose: () => store.close() });
});

blobStoreContract('in segment files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isochron-blobs-'));
  let recordings = await openRecordingStore(directory);
  return {
    store: recordings.blobs,
    reopen: async () => {
      await recordings.close();
      recordings = await openRecordingStore(directory);
      return recordings.blobs;
    },
    another: async (): Promise<BlobStore> => {
      const second = await openRecordingStore(directory);
      const { blobs } = second;
      return {
        put: (content) => blobs.put(content),
        putMany: (contents) => blobs.putMany(contents),
        get: (digest) => blobs.get(digest),
        has: (digest) => blobs.has(digest),
        collect: (live) => blobs.collect(live),
        close: () => second.close(),
      };
    },
    dispose: async () => {
      await recordings.close();
      await rm(directory, { recursive: true });
    },
  };
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.ts';
import { eventStoreContract } from './event-store.ts';

eventStoreContract('in memory', () => {
  const store = new MemoryEventStore();
  return Promise.resolve({ store, dispose: () => store.close() });
});

eventStoreContract('in SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isochron-events-'));
  const file = join(directory, 'events.sqlite');
  const open = async (alone: boolean): Promise<SqliteEventStore> =>
    (await SqliteEventStore.open(file, { alone })).store;
  let store = await open(true);
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open(true));
    },
    another: () => open(false),
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

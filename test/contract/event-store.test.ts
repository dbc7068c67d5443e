import { describe, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.ts';
import { parseStoreUrl } from '../../src/infrastructure/event-store/eventstoredb/store-url.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';
import { eventStoreContract, type StoreUnderTest } from './event-store.ts';

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

const onServer = async (url: string, dispose: () => Promise<void>): Promise<StoreUnderTest> => {
  const namespace = `test-${randomUUID()}`;
  const open = () =>
    EventStoreDbEventStore.open(
      parseStoreUrl(`${url}${url.includes('?') ? '&' : '?'}namespace=${namespace}`),
    );
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    another: open,
    dispose: async () => {
      await store.close();
      await dispose();
    },
  };
};

eventStoreContract('on an EventStoreDB server in this process', async () => {
  const server = await InProcessServer.start();
  return onServer(server.url, () => server.close());
});

const realServer = process.env['ISOCHRON_EVENTSTORE_URL'];
if (realServer !== undefined)
  eventStoreContract('on the server of ISOCHRON_EVENTSTORE_URL', () =>
    onServer(realServer, () => Promise.resolve()),
  );
else
  describe('the event store contract, on a server of its own', () => {
    test.skip('ISOCHRON_EVENTSTORE_URL names none', () => undefined);
    console.log(
      'ISOCHRON_EVENTSTORE_URL names no EventStoreDB server: none but the one in this process is tested',
    );
  });

import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.ts';
import { parseStoreUrl } from '../../src/infrastructure/event-store/eventstoredb/store-url.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.ts';
import { StoredConsumerGroups } from '../../src/infrastructure/event-store/stored-consumer-groups.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';
import { consumerGroupsContract, type GroupsUnderTest } from './consumer-groups.ts';
import { event, gather } from './event-store.ts';

consumerGroupsContract('over events in memory', () => {
  const events = new MemoryEventStore();
  return Promise.resolve({
    events,
    groups: new StoredConsumerGroups(events),
    another: () => Promise.resolve(new StoredConsumerGroups(events)),
    patience: 400,
    dispose: () => events.close(),
  });
});

consumerGroupsContract('over events in SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isochron-groups-'));
  const opened: SqliteEventStore[] = [];
  const open = async (): Promise<SqliteEventStore> => {
    const { store } = await SqliteEventStore.open(join(directory, 'events.sqlite'), {
      alone: opened.length === 0,
    });
    opened.push(store);
    return store;
  };
  const events = await open();
  return {
    events,
    groups: new StoredConsumerGroups(events),
    another: async () => new StoredConsumerGroups(await open()),
    patience: 300,
    dispose: async () => {
      for (const store of opened) await store.close();
      await rm(directory, { recursive: true });
    },
  };
});

const onServer = (url: string, dispose: () => Promise<void>): Promise<GroupsUnderTest> => {
  const namespace = `test-${randomUUID()}`;
  const opened: EventStoreDbEventStore[] = [];
  const open = async (): Promise<EventStoreDbEventStore> => {
    const store = await EventStoreDbEventStore.open(parseStoreUrl(`${url}&namespace=${namespace}`));
    opened.push(store);
    return store;
  };
  return open().then((events) => ({
    events,
    groups: events.groups,
    another: async () => (await open()).groups,
    patience: 100,
    dispose: async () => {
      for (const store of opened) await store.close();
      await dispose();
    },
  }));
};

consumerGroupsContract('on an EventStoreDB server in this process', async () => {
  const server = await InProcessServer.start();
  return onServer(server.url, () => server.close());
});

const realServer = process.env['ISOCHRON_EVENTSTORE_URL'];
if (realServer !== undefined)
  consumerGroupsContract('on the server of ISOCHRON_EVENTSTORE_URL', () =>
    onServer(realServer.includes('?') ? realServer : `${realServer}?`, () => Promise.resolve()),
  );
else
  console.log(
    'ISOCHRON_EVENTSTORE_URL names no EventStoreDB server: none but the one in this process is tested',
  );

test('a consumer without a sign of life loses its event to the others', async () => {
  const events = new MemoryEventStore();
  await events.append('work', 'none', [event(null, 'a')]);
  const settings = { patience: 200, mostRetries: 3 };
  const { signal } = new AbortController();
  const dead = new StoredConsumerGroups(events).consume('work', 'workers', settings, signal);
  const begun = await dead[Symbol.asyncIterator]().next();
  expect(begun.value).toMatchObject({ retries: 0 });
  // As if its process was stopped: nothing renews the claim any more.
  const last = (await gather(events.read('group-workers-work'))).length - 1;
  await events.append('group-workers-work', last, [
    { ...event({ event: 0, consumer: (await claimant(events)) ?? '', until: 1 }), type: 'ClaimRenewed' },
  ]);
  const next = new StoredConsumerGroups(events).consume('work', 'workers', settings, signal);
  const taken = await next[Symbol.asyncIterator]().next();
  expect(taken.value).toMatchObject({ event: { id: 'a' }, retries: 1 });
  await begun.value?.acknowledge();
  await taken.value?.acknowledge();
  const types = (await gather(events.read('group-workers-work'))).map(({ type }) => type);
  expect(types.filter((type) => type === 'EventAcknowledged')).toHaveLength(1);
  await events.close();
});

const claimant = async (events: MemoryEventStore): Promise<string | undefined> => {
  for await (const { type, data } of events.read('group-workers-work'))
    if (type === 'EventClaimed') return (data as { consumer: string }).consumer;
  return undefined;
};

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.ts';
import { parseStoreUrl } from '../../src/infrastructure/event-store/eventstoredb/store-url.ts';
import type { Fault } from '../eventstoredb/faults.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';
import { event, gather } from './event-store.ts';

const patience = { attempt: 300, total: 20_000 };

describe('with a server that fails, the EventStoreDB adapter', () => {
  let server: InProcessServer;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    server = await InProcessServer.start();
    store = await EventStoreDbEventStore.open(parseStoreUrl(server.url), patience);
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  const append = async (ids: readonly string[], expected: 'any' | 'none' | number): Promise<unknown> => {
    const result = await store.append(
      's',
      expected,
      ids.map((id) => event({ id }, id)),
    );
    return result.ok ? result.value.revision : result.error;
  };
  const ids = async (): Promise<readonly string[]> => (await gather(store.read('s'))).map(({ id }) => id);

  const appendFaults: readonly Fault[] = [
    'append-hangs',
    'append-unanswered',
    'append-answered-twice',
    'vanish-before-append',
    'vanish-after-append',
  ];

  test.each(appendFaults)('loses and duplicates nothing when %s', async (fault) => {
    expect(await append(['a', 'b'], 'none')).toBe(1);
    server.faults.ask(fault);
    expect(await append(['c', 'd', 'e'], 1)).toBe(4);
    server.faults.ask(fault);
    expect(await append(['f', 'g'], 'any')).toBe(6);
    expect(server.faults.pending).toBe(0);
    expect(await ids()).toEqual([...'abcdefg']);
  });

  test.each(appendFaults)('begins a stream once when %s', async (fault) => {
    // The first append is the entry in the catalogue, the second the stream's own.
    server.faults.ask(fault, 2);
    expect(await append(['a', 'b'], 'none')).toBe(1);
    expect(server.faults.pending).toBe(0);
    expect(await ids()).toEqual(['a', 'b']);
    expect(await store.streams()).toEqual(['s']);
  });

  test('keeps the order of appends that all wait for a server that comes and goes', async () => {
    const names = Array.from({ length: 40 }, (_, index) => String(index));
    for (const fault of appendFaults) server.faults.ask(fault, 2);
    await Promise.all(names.map((name) => append([name], 'any')));
    expect(server.faults.pending).toBe(0);
    expect(await ids()).toEqual(names);
  });

  test('tells a conflict apart when another writer came first meanwhile', async () => {
    await append(['a'], 'none');
    server.faults.ask('vanish-before-append');
    const other = await EventStoreDbEventStore.open(parseStoreUrl(server.url), patience);
    const [mine, theirs] = await Promise.all([append(['b'], 0), other.append('s', 0, [event(null, 'c')])]);
    await other.close();
    const won = await ids();
    expect(won).toHaveLength(2);
    const conflict = { reason: 'wrong-expected-revision', actual: 1 };
    if (won[1] === 'b') {
      expect(mine).toBe(1);
      expect(theirs).toMatchObject({ ok: false, error: conflict });
    } else {
      expect(mine).toMatchObject(conflict);
      expect(theirs).toMatchObject({ ok: true });
    }
  });

  test.each(['read-breaks', 'read-hangs', 'deliver-twice'] as const)(
    'reads all events once when %s',
    async (fault) => {
      const names = Array.from({ length: 50 }, (_, index) => String(index));
      await append(names, 'none');
      server.faults.ask(fault, 3);
      expect(await ids()).toEqual(names);
      expect(server.faults.pending).toBe(0);
    },
  );

  test('goes on with a subscription, each event once, when the server restarts', async () => {
    await append(['a', 'b'], 'none');
    const abort = new AbortController();
    const seen: string[] = [];
    server.faults.ask('deliver-twice', 2);
    for await (const { id } of store.subscribe('s', 0, abort.signal)) {
      seen.push(id);
      if (id === 'b') {
        server.faults.disappear();
        void append(['c'], 1);
      }
      if (id === 'c') void append(['d'], 2);
      if (id === 'd') abort.abort();
    }
    expect(seen).toEqual([...'abcd']);
  });

  test('deletes once when the answer is lost', async () => {
    await append(['a'], 'none');
    server.faults.ask('delete-unanswered');
    expect(await store.delete('s')).toBe(true);
    expect(await store.streams()).toEqual([]);
    expect(await append(['b'], 'none')).toBe(0);
    expect(await ids()).toEqual(['b']);
  });

  test('uses no batch mode, whose pending appends are lost with any connection of the process', async () => {
    await append(['a'], 'none');
    expect(server.faults.batches).toBe(0);
  });

  test('says which server cannot be reached, and what to check', async () => {
    server.stop();
    const url = parseStoreUrl(server.url);
    const opening = EventStoreDbEventStore.open(url, { attempt: 100, total: 200 });
    await expect(opening).rejects.toMatchObject({
      code: 'store-unreachable',
      message: expect.stringMatching(/127\.0\.0\.1:\d+ cannot be reached: .*tls=false/),
    });
  });

  test('says that an append is too large for the server', async () => {
    const small = await InProcessServer.start(1000);
    const limited = await EventStoreDbEventStore.open(parseStoreUrl(small.url), patience);
    const appending = limited.append('s', 'none', [event('x'.repeat(2000))]);
    await expect(appending).rejects.toMatchObject({
      code: 'append-too-large',
      message: 'The server takes at most 1000 bytes in one append',
    });
    await limited.close();
    await small.close();
  });
});

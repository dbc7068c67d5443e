import { describe, expect, test } from '@jest/globals';
import type { EventStore } from '../../src/application/ports/event-store.ts';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.ts';
import { parseStoreUrl } from '../../src/infrastructure/event-store/eventstoredb/store-url.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { EventLog } from '../eventstoredb/event-log.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';
import { event, gather } from './event-store.ts';

type Step = readonly [ids: string, expected: 'any' | number];

/**
 * The cases that EventStoreDB publishes (its tests of appending, and "Optimistic concurrency & idempotence"): what the last
 * step does after the earlier ones, -1 being "no stream". `length` is what the stream then holds.
 *
 * Ours differ in one rule: where the expected revision is the last one, EventStoreDB appends an id that is there already a
 * second time; our stores hold an id once, and refuse.
 */
// prettier-ignore
const published: readonly (readonly [steps: readonly Step[], outcome: 'idempotent' | 'appended' | 'conflict', length: number, ours?: 'conflict'])[] = [
  [[['a', -1], ['bcdef', 0], ['a', -1]],                    'idempotent', 6],
  [[['a', -1], ['bcdef', 0], ['a', 'any']],                 'idempotent', 6],
  [[['a', -1], ['bcdef', 0], ['a', 5]],                     'appended',   7, 'conflict'],
  [[['a', -1], ['bcdef', 0], ['a', 6]],                     'conflict',   6],
  [[['a', -1], ['bcdef', 0], ['a', 4]],                     'conflict',   6],
  [[['a', -1], ['a', 0]],                                   'appended',   2, 'conflict'],
  [[['a', -1], ['a', 'any']],                               'idempotent', 1],
  [[['a', -1], ['a', -1]],                                  'idempotent', 1],
  [[['a', -1], ['b', 0], ['c', 1], ['b', 'any'], ['b', 'any']], 'idempotent', 3],
  [[['ab', -1], ['a', -1]],                                 'idempotent', 2],
  [[['ab', -1], ['a', 'any']],                              'idempotent', 2],
  [[['ab', -1], ['b', 0]],                                  'idempotent', 2],
  [[['ab', -1], ['b', 'any']],                              'idempotent', 2],
  [[['ab', -1], ['ab', -1]],                                'idempotent', 2],
  [[['ab', -1], ['ab', 'any']],                             'idempotent', 2],
  [[['ab', -1], ['abc', -1]],                               'conflict',   2],
  [[['ab', -1], ['abc', 'any']],                            'conflict',   2],
  [[['ab', -1], ['c', -1]],                                 'conflict',   2],
  [[['ab', -1], ['c', 1]],                                  'appended',   3],
];

const named = published.map(
  ([steps, ...rest]) =>
    [steps.map(([ids, expected]) => `${ids} at ${String(expected)}`).join(', '), steps, ...rest] as const,
);

describe('the published cases of repeated appends', () => {
  test.each(named)('%s: as the server of the tests decides them', (_, steps, outcome, length) => {
    const log = new EventLog();
    const results = steps.map(([ids, expected]) => {
      const before = log.stream('s')?.events.length ?? 0;
      const { kind } = log.append(
        's',
        expected,
        [...ids].map((id) => ({ id, metadata: new Map(), customMetadata: Buffer.of(), data: Buffer.of() })),
      );
      const grown = (log.stream('s')?.events.length ?? 0) > before;
      return kind === 'done' ? (grown ? 'appended' : 'idempotent') : kind;
    });
    expect(results.at(-1)).toBe(outcome);
    expect(log.stream('s')?.events).toHaveLength(length);
  });

  const check = async (
    store: EventStore,
    steps: readonly Step[],
    outcome: string,
    length: number,
    ours?: 'conflict',
  ): Promise<void> => {
    const results: string[] = [];
    for (const [ids, expected] of steps) {
      const before = (await gather(store.read('s'))).length;
      const result = await store.append(
        's',
        expected,
        [...ids].map((id) => event(null, id)),
      );
      const grown = (await gather(store.read('s'))).length > before;
      results.push(result.ok ? (grown ? 'appended' : 'idempotent') : 'conflict');
    }
    expect(results.at(-1)).toBe(ours ?? outcome);
    expect(await gather(store.read('s'))).toHaveLength(ours === undefined ? length : length - 1);
  };

  test.each(named)('%s: in memory', async (_, ...expected) => {
    await check(new MemoryEventStore(), ...expected);
  });

  test.each(named)('%s: through the adapter', async (_, ...expected) => {
    const server = await InProcessServer.start();
    const store = await EventStoreDbEventStore.open(parseStoreUrl(server.url));
    await check(store, ...expected);
    await store.close();
    await server.close();
  });
});

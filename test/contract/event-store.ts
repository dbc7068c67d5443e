import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EventStore, EventToAppend, StoredEvent } from '../../src/application/ports/event-store.ts';

/** A store under test; `reopen` closes it and opens the same one again, where it outlives its process. */
export interface StoreUnderTest {
  readonly store: EventStore;
  readonly reopen?: () => Promise<EventStore>;
  /** A second connection to the same store, as another process would have. */
  readonly another?: () => Promise<EventStore>;
  readonly dispose: () => Promise<void>;
}

export const event = (data: EventToAppend['data'] = null, id: string = randomUUID()): EventToAppend => ({
  id,
  type: 'Happened',
  version: 1,
  data,
});

export const gather = async (events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = [];
  for await (const one of events) all.push(one);
  return all;
};

const revisions = async (events: AsyncIterable<StoredEvent>): Promise<number[]> =>
  (await gather(events)).map(({ revision }) => revision);

/** What every EventStore does, whatever holds the events. */
export const eventStoreContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`the event store contract, ${name}`, () => {
    let tested: StoreUnderTest;
    let store: EventStore;
    beforeEach(async () => {
      tested = await open();
      store = tested.store;
    });
    afterEach(async () => {
      await tested.dispose();
    });

    const append = async (
      stream: string,
      expected: Parameters<EventStore['append']>[1],
      ids: readonly string[],
    ): Promise<number | string> => {
      const result = await store.append(
        stream,
        expected,
        ids.map((id) => event({ id }, id)),
      );
      return result.ok ? result.value.revision : `wrong, at ${String(result.error.actual)}`;
    };

    test('gives back what was appended, numbered from 0', async () => {
      const data = { text: 'a', list: [1, -2.5, null, true], nested: { deep: [[{}]] } };
      expect(await store.append('s', 'none', [event(data), event('second')])).toEqual({
        ok: true,
        value: { revision: 1 },
      });
      const [first, second] = await gather(store.read('s'));
      expect(first).toMatchObject({
        stream: 's',
        revision: 0,
        type: 'Happened',
        version: 1,
        data,
      });
      expect(second).toMatchObject({ revision: 1, data: 'second' });
      expect(first?.position).toBeGreaterThanOrEqual(0);
      expect(second?.position).toBeGreaterThanOrEqual(first!.position);
    });

    test('orders positions over the whole store as the appends', async () => {
      await append('a', 'none', ['1']);
      await append('b', 'none', ['2']);
      await append('a', 0, ['3']);
      const events = [...(await gather(store.read('a'))), ...(await gather(store.read('b')))];
      events.sort((one, other) => one.position - other.position);
      expect(events.map(({ id }) => id)).toEqual(['1', '2', '3']);
      expect(new Set(events.map(({ position }) => position)).size).toBe(3);
    });

    // The stream holds a, b, c at revisions 0, 1, 2. What an append does, by what it expects and what it brings.
    // prettier-ignore
    const table: readonly (readonly [expected: 'none' | 'any' | number, ids: string, outcome: number | string, length: number])[] = [
      [2,      'd',   3,               4],
      [2,      'de',  4,               5],
      ['any',  'd',   3,               4],
      ['none', 'd',   'wrong, at 2',   3],
      [0,      'd',   'wrong, at 2',   3],
      [1,      'd',   'wrong, at 2',   3],
      [3,      'd',   'wrong, at 2',   3],
      [9,      'd',   'wrong, at 2',   3],
      // Made before, at the expected place: the same answer as then, nothing changed.
      ['none', 'a',   0,               3],
      ['none', 'ab',  1,               3],
      ['none', 'abc', 2,               3],
      [0,      'b',   1,               3],
      [0,      'bc',  2,               3],
      [1,      'c',   2,               3],
      ['any',  'a',   0,               3],
      ['any',  'abc', 2,               3],
      ['any',  'bc',  2,               3],
      // Made before, but elsewhere, in another order, or only in part.
      ['none', 'b',   'wrong, at 2',   3],
      [0,      'a',   'wrong, at 2',   3],
      [2,      'c',   'wrong, at 2',   3],
      [2,      'a',   'wrong, at 2',   3],
      [1,      'cd',  'wrong, at 2',   3],
      ['none', 'ac',  'wrong, at 2',   3],
      ['none', 'ba',  'wrong, at 2',   3],
      ['any',  'cd',  'wrong, at 2',   3],
      ['any',  'ca',  'wrong, at 2',   3],
      ['any',  'dc',  'wrong, at 2',   3],
      [2,      'dc',  'wrong, at 2',   3],
      // Nothing to append: only the expectation is checked.
      [2,      '',    2,               3],
      ['any',  '',    2,               3],
      ['none', '',    'wrong, at 2',   3],
      [1,      '',    'wrong, at 2',   3],
    ];
    test.each(table)(
      'expecting %s, appending "%s" to abc gives %s',
      async (expected, ids, outcome, length) => {
        await append('s', 'none', ['a', 'b', 'c']);
        expect(await append('s', expected, [...ids])).toBe(outcome);
        expect(await gather(store.read('s'))).toHaveLength(length);
      },
    );

    test('begins a stream only where none or any is expected', async () => {
      expect(await append('s', 0, ['a'])).toBe('wrong, at -1');
      expect(await append('s', 'none', [])).toBe(-1);
      expect(await store.streams()).toEqual([]);
      expect(await append('s', 'any', ['a'])).toBe(0);
      expect(await append('t', 'none', ['a'])).toBe(0);
    });

    test('takes one of many appends that expect the same revision', async () => {
      const outcomes = await Promise.all([...'abcdefghij'].map((id) => append('s', 'none', [id])));
      expect(outcomes.filter((outcome) => outcome === 0)).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'wrong, at 0')).toHaveLength(9);
      expect(await gather(store.read('s'))).toHaveLength(1);
    });

    test('keeps the order in which one caller appends without waiting', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => String(index));
      await Promise.all(ids.map((id) => append('s', 'any', [id])));
      expect((await gather(store.read('s'))).map(({ id }) => id)).toEqual(ids);
    });

    test('reads both ways, from anywhere, as many as asked for', async () => {
      await append('s', 'none', [...'abcdef']);
      expect(await revisions(store.read('s'))).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await revisions(store.read('s', { from: 4 }))).toEqual([4, 5]);
      expect(await revisions(store.read('s', { from: 1, limit: 2 }))).toEqual([1, 2]);
      expect(await revisions(store.read('s', { from: 6 }))).toEqual([]);
      expect(await revisions(store.read('s', { limit: 0 }))).toEqual([]);
      expect(await revisions(store.read('s', { direction: 'backwards' }))).toEqual([5, 4, 3, 2, 1, 0]);
      expect(await revisions(store.read('s', { direction: 'backwards', limit: 1 }))).toEqual([5]);
      expect(await revisions(store.read('s', { direction: 'backwards', from: 2 }))).toEqual([2, 1, 0]);
      expect(await revisions(store.read('s', { direction: 'backwards', from: 99, limit: 2 }))).toEqual([
        5, 4,
      ]);
      expect(await revisions(store.read('absent'))).toEqual([]);
      expect(await revisions(store.read('absent', { direction: 'backwards' }))).toEqual([]);
    });

    test('streams ten thousand events, both ways', async () => {
      const count = 10_000;
      const events = Array.from({ length: count }, (_, index) => event({ index }));
      for (let at = 0; at < count; at += 1000) await store.append('s', 'any', events.slice(at, at + 1000));
      const upwards = await gather(store.read('s'));
      expect(upwards.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      const downwards = await gather(store.read('s', { direction: 'backwards', limit: count - 1 }));
      expect(downwards.map(({ id }) => id)).toEqual(
        events
          .map(({ id }) => id)
          .reverse()
          .slice(0, -1),
      );
    });

    test('carries events of a megabyte, and text of every script', async () => {
      const text = 'é 漢字 🜁 \u{10ffff} \u0000 "\\ \ud800';
      const big = { [text]: 'x'.repeat(1 << 20), ['__proto__ ']: 1 };
      await store.append('поток-流-🜁', 'none', [event(big), event(text), event(big)]);
      expect(await store.streams()).toEqual(['поток-流-🜁']);
      expect((await gather(store.read('поток-流-🜁'))).map(({ data }) => data)).toEqual([big, text, big]);
    });

    test('lists streams by prefix in code-unit order', async () => {
      for (const name of ['b', 'a-2', 'a-1', '\u{1f701}', '\uff5e', 'a', 'A-1', 'a_1', 'a%'])
        await append(name, 'none', ['x']);
      expect(await store.streams()).toEqual([
        'A-1',
        'a',
        'a%',
        'a-1',
        'a-2',
        'a_1',
        'b',
        '\u{1f701}',
        '\uff5e',
      ]);
      expect(await store.streams('a-')).toEqual(['a-1', 'a-2']);
      expect(await store.streams('a%')).toEqual(['a%']);
      expect(await store.streams('z')).toEqual([]);
    });

    test('refuses names and data it could not give back', async () => {
      await expect(append('', 'none', ['a'])).rejects.toThrow(/stream name "" is empty/);
      await expect(append('a\nb', 'none', ['a'])).rejects.toThrow(/control character/);
      await expect(append('\ud800', 'none', ['a'])).rejects.toThrow(/surrogate/);
      await expect(append('s', 'none', ['a', 'a'])).rejects.toThrow(/occurs twice/);
      await expect(append('s', -2, ['a'])).rejects.toThrow(/expected revision -2/);
      await expect(append('s', 1.5, ['a'])).rejects.toThrow(/expected revision 1.5/);
      await expect(store.append('s', 'none', [event({ n: NaN })])).rejects.toThrow(/NaN at "n"/);
      await expect(store.append('s', 'none', [event('x'.repeat(17 << 20))])).rejects.toThrow(
        /store it as a blob/,
      );
      expect(await store.streams()).toEqual([]);
    });

    test('deletes a stream, which may then begin anew', async () => {
      await append('s', 'none', ['a', 'b']);
      await append('t', 'none', ['a']);
      expect(await store.delete('s')).toBe(true);
      expect(await store.delete('s')).toBe(false);
      expect(await gather(store.read('s'))).toEqual([]);
      expect(await store.streams()).toEqual(['t']);
      expect(await append('s', 'none', ['a'])).toBe(0);
      expect((await gather(store.read('s'))).map(({ id, revision }) => [id, revision])).toEqual([['a', 0]]);
    });

    test('subscribes to what was and to what comes, until aborted', async () => {
      await append('s', 'none', ['a', 'b', 'c']);
      const abort = new AbortController();
      const seen: string[] = [];
      const done = (async () => {
        for await (const { id } of store.subscribe('s', 1, abort.signal)) {
          seen.push(id);
          if (id === 'c') void append('s', 2, ['d']).then(() => append('s', 3, ['e']));
          if (id === 'e') abort.abort();
        }
      })();
      await done;
      expect(seen).toEqual(['b', 'c', 'd', 'e']);
    });

    test('lets one subscribe to a stream that is not there yet, and ends it when waiting', async () => {
      const abort = new AbortController();
      const seen: string[] = [];
      const done = (async () => {
        for await (const { id } of store.subscribe('s', 0, abort.signal)) {
          seen.push(id);
          setTimeout(() => {
            abort.abort();
          }, 20);
        }
      })();
      await append('other', 'none', ['x']);
      await append('s', 'none', ['a']);
      await done;
      expect(seen).toEqual(['a']);
      const aborted = AbortSignal.abort();
      expect(await gather(store.subscribe('s', 0, aborted))).toEqual([]);
    });

    test('begins again when a stream it is subscribed to is made anew', async () => {
      await append('s', 'none', ['a', 'b']);
      const abort = new AbortController();
      const seen: string[] = [];
      for await (const { id, revision } of store.subscribe('s', 0, abort.signal)) {
        seen.push(`${id}${String(revision)}`);
        if (id === 'b') void store.delete('s').then(() => append('s', 'none', ['c']));
        if (id === 'c') abort.abort();
      }
      expect(seen).toEqual(['a0', 'b1', 'c0']);
    });

    test('says that it is closed', async () => {
      await append('s', 'none', ['a']);
      const waiting = gather(store.subscribe('s', 1, new AbortController().signal));
      const outcome = expect(waiting).rejects.toMatchObject({ code: 'store-closed' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await store.close();
      await store.close();
      await outcome;
      const closed = { name: 'StoreFault', code: 'store-closed' };
      await expect(append('s', 0, ['b'])).rejects.toMatchObject(closed);
      await expect(gather(store.read('s'))).rejects.toMatchObject(closed);
      await expect(store.streams()).rejects.toMatchObject(closed);
      await expect(store.delete('s')).rejects.toMatchObject(closed);
      await expect(gather(store.subscribe('s', 0, new AbortController().signal))).rejects.toMatchObject(
        closed,
      );
    });

    test('keeps what was appended when it is opened again', async () => {
      if (tested.reopen === undefined) {
        console.log(`${name} does not outlive its process: reopening is not tested`);
        return;
      }
      await append('s', 'none', ['a', 'b']);
      store = await tested.reopen();
      expect((await gather(store.read('s'))).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await append('s', 0, ['b'])).toBe(1);
      expect(await append('s', 1, ['c'])).toBe(2);
    });

    test('serves several users of one store, who see what the others append', async () => {
      if (tested.another === undefined) {
        console.log(`${name} has one user only: sharing is not tested`);
        return;
      }
      const other = await tested.another();
      const abort = new AbortController();
      const seen: StoredEvent[] = [];
      const following = (async () => {
        for await (const one of other.subscribe('s', 0, abort.signal)) {
          seen.push(one);
          if (seen.length === 200) abort.abort();
        }
      })();
      const race = async (which: EventStore): Promise<number> => {
        let conflicts = 0;
        for (let made = 0; made < 100;) {
          const last = (await gather(which.read('s', { direction: 'backwards', limit: 1 })))[0]?.revision;
          const result = await which.append('s', last ?? 'none', [event()]);
          if (result.ok) made++;
          else conflicts++;
        }
        return conflicts;
      };
      await Promise.all([race(store), race(other)]);
      await following;
      expect(seen.map(({ revision }) => revision)).toEqual(Array.from({ length: 200 }, (_, index) => index));
      await other.close();
    });
  });
};

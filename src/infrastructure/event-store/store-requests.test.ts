import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WriteOutcome } from './sqlite-log.ts';
import { StoreRequests } from './store-requests.ts';
import { storeServers } from './store-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'isochron-requests-'));
let files = 0;

describe('the requests of a store', () => {
  let file = '';
  let threads = 0;
  beforeEach(() => {
    file = join(directory, `${files++}.sqlite`);
    threads = 0;
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function opened(): Promise<StoreRequests> {
    const requests = new StoreRequests(() => undefined, {
      ...storeServers,
      inThread(receive, ended) {
        threads++;
        return storeServers.inThread(receive, ended);
      },
    });
    expect(await requests.ask({ op: 'open', file, mode: { alone: true } })).toEqual([]);
    return requests;
  }
  async function close(requests: StoreRequests): Promise<void> {
    await requests.ask({ op: 'close' });
    await requests.terminate();
  }
  function append(requests: StoreRequests, number: number, data = String(number)): Promise<WriteOutcome> {
    const events = [{ id: `id ${number}`, type: 'Counted', version: 1, data }];
    const write = { op: 'append', stream: 'counts', expected: number - 1, events } as const;
    return requests.ask(
      { op: 'write', write: number === 0 ? { ...write, expected: 'none' } : write },
      data.length,
    );
  }
  async function counted(requests: StoreRequests): Promise<readonly string[]> {
    const limit = Number.MAX_SAFE_INTEGER;
    const page = { stream: 'counts', number: undefined, from: 0, limit, backwards: false, follow: false };
    return (await requests.ask({ op: 'page', page })).rows.map(({ data }) => data.slice(0, 10));
  }

  test('are served without another thread while there are few', async () => {
    const requests = await opened();
    for (let number = 0; number < 5; number++) await append(requests, number);
    expect(await counted(requests)).toEqual(['0', '1', '2', '3', '4']);
    await close(requests);
    expect(threads).toBe(0);
  });

  test('are served in their order when there are many, and a thread goes on', async () => {
    const requests = await opened();
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const outcomes = await Promise.all(numbers.map((number) => append(requests, number)));
    expect(outcomes.map((outcome) => outcome.kind === 'append' && outcome.first)).toEqual(numbers);
    expect(threads).toBe(1);
    expect(await counted(requests)).toEqual(numbers.map(String));
    expect(await append(requests, 7, 'another')).toMatchObject({ kind: 'already-there' });
    await close(requests);
    const again = await opened();
    expect(await counted(again)).toEqual(numbers.map(String));
    await close(again);
  });

  test('are served by a thread where one is heavy', async () => {
    const requests = await opened();
    await append(requests, 0);
    expect(threads).toBe(0);
    await append(requests, 1, 'x'.repeat(5 << 20));
    expect(threads).toBe(1);
    expect(await counted(requests)).toEqual(['0', 'xxxxxxxxxx']);
    await close(requests);
  });

  test('are served by a thread where somebody waits for other processes', async () => {
    const requests = await opened();
    await requests.ask({ op: 'watch', on: true });
    expect(threads).toBe(1);
    await close(requests);
  });

  test('are served by a thread from the first on where the file is large', async () => {
    const first = await opened();
    await append(first, 0, 'x'.repeat(2 << 20));
    await close(first);
    expect(statSync(file).size).toBeGreaterThan(1 << 20);
    expect(threads).toBe(0);
    const again = await opened();
    expect(threads).toBe(1);
    expect(await counted(again)).toEqual(['xxxxxxxxxx']);
    await close(again);
  });

  test('fail, each of them, where no thread can be had', async () => {
    const requests = new StoreRequests(() => undefined, {
      ...storeServers,
      inThread(_, ended) {
        setImmediate(ended, new Error('no more threads'));
        return { post: () => undefined, keepAlive: () => undefined, terminate: () => Promise.resolve() };
      },
    });
    await requests.ask({ op: 'open', file, mode: { alone: true } });
    await append(requests, 0);
    const heavy = append(requests, 1, 'x'.repeat(5 << 20));
    const waiting = append(requests, 2);
    for (const asked of [heavy, waiting, requests.ask({ op: 'streams', prefix: '' })])
      await expect(asked).rejects.toThrow('no more threads');
    const again = await opened();
    expect(await counted(again)).toEqual(['0']);
    await close(again);
  });
});

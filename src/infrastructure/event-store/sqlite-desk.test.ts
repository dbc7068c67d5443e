import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteDesk } from './sqlite-desk.ts';
import type { PageRequest } from './sqlite-log.ts';
import type { Message, Request } from './sqlite-protocol.ts';

// The store's thread, without the thread: the whole store's contract is in test/contract.
describe('the desk of a store', () => {
  let directory: string;
  let file: string;
  let desk: SqliteDesk;
  let messages: Message[];
  let next: number;
  const waiting = new Map<number, (message: Message) => void>();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isochron-desk-'));
    file = join(directory, 'events.sqlite');
    messages = [];
    next = 0;
    desk = new SqliteDesk((message) => {
      messages.push(message);
      if (message.kind !== 'changed') waiting.get(message.number)?.(message);
    });
    expect(await ask({ op: 'open', file, mode: { alone: true } })).toMatchObject({ value: [] });
  });
  afterEach(async () => {
    await ask({ op: 'close' });
    await rm(directory, { recursive: true });
  });

  const ask = (request: Request): Promise<Message> =>
    new Promise((resolve) => {
      waiting.set(next, resolve);
      desk.take({ ...request, number: next++ });
    });
  const append = (id: string, expected: 'any' | number = 'any'): Promise<Message> =>
    ask({
      op: 'write',
      write: { op: 'append', stream: 's', expected, events: [{ id, type: 'T', version: 1, data: '1' }] },
    });
  const page = (request: Partial<PageRequest> = {}): Request => ({
    op: 'page',
    page: {
      stream: 's',
      number: undefined,
      from: 0,
      limit: 100,
      backwards: false,
      follow: false,
      ...request,
    },
  });

  test('commits together what arrives together, and answers each', async () => {
    const answers = await Promise.all([append('a'), append('b'), append('c', 0), append('d', 1)]);
    expect(answers).toMatchObject([
      { value: { kind: 'append', first: 0 } },
      { value: { kind: 'append', first: 1 } },
      { value: { kind: 'conflict', actual: 1 } },
      { value: { kind: 'append', first: 2 } },
    ]);
    expect(messages.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
  });

  test('reads after the writes that arrived before', async () => {
    void append('a');
    expect(await ask(page())).toMatchObject({
      value: { rows: [{ id: 'a', revision: 0, position: 0 }], next: undefined },
    });
    expect(await ask({ op: 'streams', prefix: '' })).toMatchObject({ value: ['s'] });
    expect(await ask(page({ stream: 'absent' }))).toMatchObject({ value: { rows: [] } });
  });

  test('ends the reading of a stream that was made anew, and begins a following again', async () => {
    await append('a');
    expect(await ask({ op: 'write', write: { op: 'delete', stream: 's' } })).toMatchObject({
      value: { existed: true },
    });
    expect(await ask({ op: 'write', write: { op: 'delete', stream: 's' } })).toMatchObject({
      value: { existed: false },
    });
    await append('b');
    expect(await ask(page({ number: 1, from: 1 }))).toMatchObject({ value: { rows: [] } });
    expect(await ask(page({ number: 1, from: 1, follow: true }))).toMatchObject({
      value: { rows: [{ id: 'b' }] },
    });
  });

  test('tells of what others append while it watches', async () => {
    await append('a');
    await ask({ op: 'watch', on: true });
    const other = new DatabaseSync(file);
    const before = messages.length;
    other.exec("UPDATE events SET type = 'Changed'");
    other.close();
    for (let tries = 0; messages.length === before && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(messages.slice(before)).toEqual([{ kind: 'changed' }]);
    await ask({ op: 'watch', on: false });
  });

  test('names a row that was changed from outside, after giving what precedes it', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => append(id)));
    const other = new DatabaseSync(file);
    other.exec("UPDATE events SET data = '2' WHERE id = 'b'");
    expect(await ask(page())).toMatchObject({ value: { rows: [{ id: 'a' }], next: 1 } });
    expect(await ask(page({ from: 1 }))).toMatchObject({
      kind: 'fault',
      fault: { code: 'store-damaged', context: { stream: 's' } },
    });
    other.exec('UPDATE streams SET last = 7');
    other.close();
    expect(await ask(page())).toMatchObject({ kind: 'fault', fault: { code: 'store-damaged' } });
  });

  test('fails only the write that cannot be made, when it cannot be made', async () => {
    await ask({ op: 'close' });
    await ask({ op: 'open', file, mode: { alone: true, busyTimeout: 0 } });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const refused = await Promise.all([append('a'), append('b')]);
    expect(refused).toMatchObject([
      { kind: 'fault', fault: { code: 'store-locked' } },
      { kind: 'fault', fault: { code: 'store-locked' } },
    ]);
    other.exec('ROLLBACK');
    other.close();
    expect(await append('a')).toMatchObject({ value: { kind: 'append', first: 0 } });
  });
});

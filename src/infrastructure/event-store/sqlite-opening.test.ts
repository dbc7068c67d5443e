import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteLog } from './sqlite-log.ts';
import { openVerified } from './sqlite-opening.ts';
import { checkWriteAheadLog } from './write-ahead-log.ts';

describe('opening an event file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'isochron-opening-'));
    file = join(directory, 'events.sqlite');
    const log = new SqliteLog(file);
    for (const stream of ['s', 't']) {
      for (let at = 0; at < 100; at += 10) {
        const events = Array.from({ length: 10 }, (_, index) => ({
          ...{ id: String(at + index), type: 'T', version: 1, data: JSON.stringify('x'.repeat(500)) },
        }));
        log.write([{ op: 'append', stream, expected: 'any', events }]);
      }
    }
    // As a killed process leaves it: the log is still there.
    copyFileSync(file, `${file}.killed`);
    copyFileSync(`${file}-wal`, `${file}.killed-wal`);
    log.close();
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const count = (log: SqliteLog, stream: string): number => {
    const request = { stream, number: undefined, limit: 1000, backwards: false, follow: false };
    return log.page({ ...request, from: 0 }).rows.length;
  };
  const change = (path: string, at: number, bytes: readonly number[]): void => {
    const content = readFileSync(path);
    content.set(bytes, at);
    writeFileSync(path, content);
  };

  test('finds nothing in a sound file, at rest or with its log', () => {
    for (const path of [file, `${file}.killed`]) {
      const { log, damage } = openVerified(path, { alone: true, contents: true });
      expect(damage).toEqual([]);
      expect([count(log, 's'), count(log, 't')]).toEqual([100, 100]);
      log.close();
    }
  });

  test('puts a damaged file header right, losing nothing', () => {
    change(file, 0, [1, 2, 3, 4]);
    const { log, damage } = openVerified(file, { alone: true });
    expect(damage).toMatchObject([{ lost: 'nothing: every event could be read' }]);
    expect([count(log, 's'), count(log, 't')]).toEqual([100, 100]);
    expect(existsSync(`${file}.damaged-1`)).toBe(true);
    log.close();
  });

  test('takes over what precedes an unreadable page, and what other streams have after it', () => {
    // A leaf of the events' table: page 5 of 4096 bytes and those after it are filled in the order of the appends.
    const content = readFileSync(file);
    const at = content.indexOf('xxxxxxxx', content.length / 4);
    const page = Math.floor(at / 4096) * 4096;
    change(file, page, new Array<number>(4096).fill(0xa5));
    const { log, damage } = openVerified(file, { alone: true });
    expect(damage.length).toBeGreaterThan(0);
    expect(damage[0]!.lost).toMatch(/^revisions \d+ to 99 of [st]$/);
    const left = count(log, 's') + count(log, 't');
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThan(200);
    log.close();
    const again = openVerified(file, { alone: true, contents: true });
    expect(again.damage).toEqual([]);
    again.log.close();
  });

  test('begins anew where nothing can be read, and says so', () => {
    writeFileSync(file, Buffer.alloc(8192, 'junk'));
    const { log, damage } = openVerified(file, { alone: true });
    expect(damage).toMatchObject([{ lost: expect.stringMatching(/^every/) }]);
    expect(log.streams('')).toEqual([]);
    log.close();
  });

  test('finds a stream whose entry was changed, and events of no stream', () => {
    const database = new DatabaseSync(file);
    database.exec("UPDATE streams SET last = 7 WHERE name = 's'; DELETE FROM streams WHERE name = 't'");
    database.close();
    const { log, damage } = openVerified(file, { alone: true });
    expect(damage[0]!.what).toContain('stream s has a wrong checksum');
    expect(damage.map(({ lost }) => lost)).toContain('100 events of streams whose names cannot be read');
    expect(log.streams('')).toEqual(['s']);
    expect(count(log, 's')).toBe(100);
    log.close();
  });

  test('refuses a newer format and leaves the file alone', () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(() => openVerified(file, { alone: true })).toThrow(/has format 2; this Isochron reads format 1/);
    expect(existsSync(`${file}.damaged-1`)).toBe(false);
  });

  test('tells damage in the write-ahead log from a torn write', () => {
    const wal = `${file}.killed-wal`;
    const size = readFileSync(wal).length;
    expect(checkWriteAheadLog(wal)).toBeUndefined();
    expect(checkWriteAheadLog(join(directory, 'absent'))).toBeUndefined();
    writeFileSync(`${wal}.torn`, readFileSync(wal).subarray(0, size - 100));
    expect(checkWriteAheadLog(`${wal}.torn`)).toBeUndefined();
    change(wal, 32 + 24 + 4096 + 24 + 7, [0x55]);
    expect(checkWriteAheadLog(wal)).toMatchObject({ what: 'frame 1 has a wrong checksum' });
    const { log, damage } = openVerified(`${file}.killed`, { alone: true });
    expect(damage[0]).toMatchObject({
      where: wal,
      lost: expect.stringContaining('the last appends'),
    });
    expect(existsSync(`${file}.killed.damaged-1-wal`)).toBe(true);
    log.close();
  });

  test('finds a damaged header of the write-ahead log', () => {
    change(`${file}.killed-wal`, 17, [0xff]);
    expect(checkWriteAheadLog(`${file}.killed-wal`)).toMatchObject({ what: 'its header is damaged' });
  });
});

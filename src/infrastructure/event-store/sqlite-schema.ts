import { crc32 } from 'node:zlib';
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../application/ports/store-fault.ts';
import type { EncodedEvent } from './append-rules.ts';

/**
 * The tables of the embedded event store, format 1.
 *
 * Laws:
 * - the revisions of a stream are 0 … `last`, without gaps;
 * - SQLite has no checksums of its own, so every row carries one over everything it says, including the stream's
 *   name: a flipped bit in a row is noticed when the row is read;
 * - positions and stream numbers are never used twice (AUTOINCREMENT), so a stream made again is told from the old one.
 */
const schema = {
  streams: `CREATE TABLE streams (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  last INTEGER NOT NULL,
  crc INTEGER NOT NULL
) STRICT`,
  events: `CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  stream INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  data TEXT NOT NULL,
  crc INTEGER NOT NULL,
  UNIQUE (stream, revision),
  UNIQUE (stream, id)
) STRICT`,
} as const;

/** 'ISOC': SQLite's application_id (offset 68 of the file). */
const applicationId = 0x49_53_4f_43;
const formatVersion = 1;

export const streamChecksum = (name: string, id: number, last: number): number =>
  crc32(`${String(id)}\n${String(last)}\n${name}`);

export const eventChecksum = (stream: string, revision: number, event: EncodedEvent): number =>
  crc32(
    `${stream}\n${String(revision)}\n${event.id}\n${event.type}\n${String(event.version)}\n${event.data}`,
  );

const numberFrom = (database: DatabaseSync, pragma: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);

const createTables = (database: DatabaseSync): void => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
    if (tables === 0) {
      database.exec(`${schema.streams}; ${schema.events};`);
      database.exec(
        `PRAGMA application_id = ${String(applicationId)}; PRAGMA user_version = ${String(formatVersion)}`,
      );
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const checkTables = (database: DatabaseSync, file: string): void => {
  if (numberFrom(database, 'application_id') !== applicationId) {
    throw new StoreFault(
      'store-unreadable',
      `${file} is a SQLite database, but not an Isochron event store; choose another directory.`,
      { file },
    );
  }
  const version = numberFrom(database, 'user_version');
  if (version !== formatVersion) {
    throw new StoreFault(
      'store-unreadable',
      `${file} has format ${String(version)}; this Isochron reads format ${String(formatVersion)}. Use the version that wrote it.`,
      { file, version },
    );
  }
  const found = new Map(
    database
      .prepare(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'",
      )
      .all()
      .map(({ name, sql }) => [String(name), String(sql)]),
  );
  const same =
    found.size === 2 && found.get('streams') === schema.streams && found.get('events') === schema.events;
  if (!same) {
    throw new StoreFault('store-damaged', `${file} does not have the tables of an event store.`, { file });
  }
};

/**
 * Opens, or creates, an event store's database: WAL, synchronous FULL (an append is on the disk when its transaction
 * commits), waiting up to `busyTimeout` ms for other processes.
 */
export const openDatabase = (file: string, busyTimeout: number): DatabaseSync => {
  const database = new DatabaseSync(file, { timeout: busyTimeout });
  try {
    database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864',
    );
    createTables(database);
    checkTables(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

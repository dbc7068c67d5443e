import {
  copyFileSync,
  existsSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  writeSync,
  fsyncSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Damage } from '../../application/ports/store-fault.ts';
import { readableRows } from './sqlite-readable-rows.ts';
import { openDatabase, eventChecksum, streamChecksum } from './sqlite-schema.ts';

/**
 * Makes a sound event store out of a damaged one.
 *
 * Laws:
 * - the damaged file is kept, under a new name, as it was;
 * - of each stream the new file holds the events up to the first that cannot be read: what follows a gap cannot be
 *   replayed, and a stream has no gaps;
 * - everything that is not taken over is named in the report. An event whose stream, checksum or place is wrong is
 *   never taken over.
 * The caller must be the only user of the file.
 */

const suffixes = ['', '-wal'] as const;

/** A name beside `file` that is free: `events.sqlite.damaged-1`, … */
export const nameForDamaged = (file: string): string => {
  for (let n = 1; ; n++) {
    const name = `${file}.damaged-${String(n)}`;
    if (!existsSync(name)) return name;
  }
};

/** Copies the database with its write-ahead log. */
export const copyDatabase = (from: string, to: string): void => {
  for (const suffix of suffixes) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
};

const removeDatabase = (file: string): void => {
  for (const suffix of [...suffixes, '-shm']) rmSync(file + suffix, { force: true });
};

/**
 * The fixed part of the file header (sqlite.org/fileformat2.html §1.3), as every store of ours has it, put back: so that
 * damage there does not make all pages unreadable.
 */
const repairHeader = (file: string): void => {
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, Buffer.from('SQLite format 3\0', 'latin1'), 0, 16, 0);
    // Page size 4096, WAL for writing and reading, nothing reserved, the three payload fractions.
    writeSync(handle, Uint8Array.of(0x10, 0x00, 2, 2, 0, 64, 32, 32), 0, 8, 16);
    // Schema format 4, text in UTF-8.
    writeSync(handle, Uint8Array.of(0, 0, 0, 4), 0, 4, 44);
    writeSync(handle, Uint8Array.of(0, 0, 0, 1), 0, 4, 56);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

interface Stream {
  readonly name: string;
  /** The last revision, or undefined where the damaged entry does not say. */
  readonly last: number | undefined;
  next: number;
  unusable: number;
}

const readStreams = (database: DatabaseSync): Map<number, Stream> => {
  const streams = new Map<number, Stream>();
  const read = (sql: string): void => {
    try {
      for (const { id, name, last, crc } of database.prepare(sql).iterate()) {
        if (typeof id !== 'number' || typeof name !== 'string' || streams.has(id)) continue;
        const sound = typeof last === 'number' && streamChecksum(name, id, last) === crc;
        streams.set(id, { name, last: sound ? last : undefined, next: 0, unusable: 0 });
      }
    } catch {
      // What could be read before the damage is in `streams`; the other orders reach the rest.
    }
  };
  read('SELECT id, name, last, crc FROM streams');
  read('SELECT id, name, last, crc FROM streams ORDER BY id DESC');
  read('SELECT id, name FROM streams ORDER BY name');
  read('SELECT id, name FROM streams ORDER BY name DESC');
  return streams;
};

/** Copies what is sound from `source` to the new store; gives the streams, and the events of no known stream. */
const takeOver = (
  source: DatabaseSync,
  target: DatabaseSync,
): { streams: Map<number, Stream>; strays: number } => {
  const streams = readStreams(source);
  let strays = 0;
  const add = target.prepare(
    'INSERT OR ABORT INTO events (position, stream, revision, id, type, version, data, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  target.exec('BEGIN IMMEDIATE');
  for (const { stream: number, row, crc } of readableRows(source)) {
    const stream = streams.get(number);
    if (stream === undefined) {
      strays++;
    } else if (row.revision !== stream.next || eventChecksum(stream.name, row.revision, row) !== crc) {
      stream.unusable++;
    } else {
      add.run(row.position + 1, number, row.revision, row.id, row.type, row.version, row.data, crc);
      stream.next++;
    }
  }
  const addStream = target.prepare('INSERT INTO streams (id, name, last, crc) VALUES (?, ?, ?, ?)');
  for (const [id, { name, next }] of streams) {
    if (next > 0) addStream.run(id, name, next - 1, streamChecksum(name, id, next - 1));
  }
  target.exec('COMMIT');
  return { streams, strays };
};

const lossOf = ({ name, last, next, unusable }: Stream): string | undefined => {
  if (last !== undefined && next > last && unusable === 0) return undefined;
  if (last !== undefined) return `revisions ${String(next)} to ${String(Math.max(last, next))} of ${name}`;
  if (unusable > 0) return `everything of ${name} from revision ${String(next)} on`;
  return `possibly events of ${name} from revision ${String(next)} on (its length is not known)`;
};

/** Replaces `file` by what can be read of it. `findings`: what was wrong. */
export const salvage = (file: string, findings: readonly string[]): readonly Damage[] => {
  const kept = nameForDamaged(file);
  const source = `${file}.salvage-source`;
  const target = `${file}.salvage-target`;
  removeDatabase(source);
  removeDatabase(target);
  copyDatabase(file, kept);
  copyDatabase(file, source);
  repairHeader(source);
  const into = openDatabase(target, 0);
  let lost: string[];
  try {
    lost = salvageInto(source, into);
  } finally {
    into.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    into.close();
    removeDatabase(source);
  }
  removeDatabase(file);
  renameSync(target, file);
  const what = `${findings.slice(0, 5).join('; ')}. The damaged file is kept as ${kept}`;
  if (lost.length === 0) return [{ where: file, what, lost: 'nothing: every event could be read' }];
  return lost.map((loss) => ({ where: file, what, lost: loss }));
};

const salvageInto = (source: string, into: DatabaseSync): string[] => {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(source, { timeout: 0 });
  } catch {
    return ['every event: the file cannot be opened at all'];
  }
  try {
    const { streams, strays } = takeOver(database, into);
    const lost = [...streams.values()].map(lossOf).filter((loss) => loss !== undefined);
    if (streams.size === 0) lost.push('every stream: none of their names can be read');
    if (strays > 0) lost.push(`${String(strays)} events of streams whose names cannot be read`);
    return lost;
  } finally {
    database.close();
  }
};

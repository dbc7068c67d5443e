import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ExpectedRevision } from '../../application/ports/event-store.ts';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { decideAppend, type AppendDecision, type EncodedEvent } from './append-rules.ts';
import { toStoreFault } from './sqlite-faults.ts';
import { eventChecksum, openDatabase, streamChecksum } from './sqlite-schema.ts';

/**
 * The event log in SQLite, synchronous: what the store's thread calls.
 *
 * Laws:
 * - the writes of one call to `write` are one transaction, hence one wait for the disk; a refused append is not an
 *   error and does not undo its neighbours;
 * - rows are given out only when their checksum, and the sequence of their revisions, is right.
 */

export type Write =
  | {
      readonly op: 'append';
      readonly stream: string;
      readonly expected: ExpectedRevision;
      readonly events: readonly EncodedEvent[];
    }
  | { readonly op: 'delete'; readonly stream: string };

export type WriteOutcome = AppendDecision | { readonly kind: 'deleted'; readonly existed: boolean };

export interface PageRequest {
  readonly stream: string;
  /** The stream's number, from an earlier page: a stream that was deleted and made again is another stream. */
  readonly number: number | undefined;
  /** First revision; undefined, backwards: the last. */
  readonly from: number | undefined;
  readonly limit: number;
  readonly backwards: boolean;
  /** When the stream was made again: begin again at revision 0, instead of ending. */
  readonly follow: boolean;
}

export interface StoredRow extends EncodedEvent {
  readonly revision: number;
  readonly position: number;
}

export interface Page {
  readonly number: number | undefined;
  readonly rows: readonly StoredRow[];
  /** Where the next page begins; undefined at the end. */
  readonly next: number | undefined;
}

const longestPage = 1 << 20;
const mostRows = 512;

interface StreamRow {
  readonly id: number;
  readonly last: number;
}

export class SqliteLog {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #statements: Record<
    | 'stream'
    | 'addStream'
    | 'setStream'
    | 'revisionOf'
    | 'addEvent'
    | 'up'
    | 'down'
    | 'names'
    | 'dropEvents'
    | 'dropStream',
    StatementSync
  >;

  /** Opens or creates `file`. Throws StoreFault. */
  constructor(file: string, busyTimeout = 5000) {
    this.#file = file;
    try {
      this.#database = openDatabase(file, busyTimeout);
      const columns = 'position, revision, id, type, version, data, crc';
      const prepare = (sql: string): StatementSync => this.#database.prepare(sql);
      this.#statements = {
        stream: prepare('SELECT id, last, crc FROM streams WHERE name = ?'),
        addStream: prepare('INSERT INTO streams (name, last, crc) VALUES (?, -1, 0)'),
        setStream: prepare('UPDATE streams SET last = ?, crc = ? WHERE id = ?'),
        revisionOf: prepare('SELECT revision FROM events WHERE stream = ? AND id = ?'),
        addEvent: prepare(
          'INSERT INTO events (stream, revision, id, type, version, data, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ),
        up: prepare(`SELECT ${columns} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision`),
        down: prepare(
          `SELECT ${columns} FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC`,
        ),
        names: prepare('SELECT name FROM streams WHERE name >= ? ORDER BY name'),
        dropEvents: prepare('DELETE FROM events WHERE stream = ?'),
        dropStream: prepare('DELETE FROM streams WHERE id = ?'),
      };
    } catch (error) {
      throw toStoreFault(error, file);
    }
  }

  /** One transaction. Throws StoreFault, and then none of the writes was made. */
  write(writes: readonly Write[]): readonly WriteOutcome[] {
    return this.#transaction('BEGIN IMMEDIATE', () =>
      writes.map((write) =>
        write.op === 'append'
          ? this.#append(write.stream, write.expected, write.events)
          : { kind: 'deleted', existed: this.#delete(write.stream) },
      ),
    );
  }

  page(request: PageRequest): Page {
    return this.#transaction('BEGIN', () => {
      const found = this.#stream(request.stream);
      const replaced = request.number !== undefined && found?.id !== request.number;
      if (found === undefined || (replaced && !request.follow)) {
        return { number: request.number, rows: [], next: undefined };
      }
      return this.#rows(found, replaced ? { ...request, from: 0 } : request);
    });
  }

  streams(prefix: string): readonly string[] {
    const names: string[] = [];
    try {
      // SQLite orders by UTF-8, in which every name with this prefix still lies together, from the prefix on.
      for (const { name } of this.#statements.names.iterate(prefix)) {
        if (!String(name).startsWith(prefix)) break;
        names.push(String(name));
      }
    } catch (error) {
      throw toStoreFault(error, this.#file);
    }
    return names.sort();
  }

  /** Changes when another connection has committed something (PRAGMA data_version). */
  dataVersion(): number {
    return Number(this.#database.prepare('PRAGMA data_version').get()?.['data_version']);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): AppendDecision {
    const { id: known, last } = this.#stream(stream) ?? { id: undefined, last: -1 };
    const revisionOf = (event: string): number | undefined => {
      if (known === undefined) return undefined;
      const row = this.#statements.revisionOf.get(known, event);
      return row === undefined ? undefined : Number(row['revision']);
    };
    const decision = decideAppend(
      { last, revisionOf },
      expected,
      events.map(({ id }) => id),
    );
    if (decision.kind !== 'append') return decision;
    const number = known ?? Number(this.#statements.addStream.run(stream).lastInsertRowid);
    let revision = decision.first;
    for (const event of events) {
      const { id, type, version, data } = event;
      const crc = eventChecksum(stream, revision, event);
      this.#statements.addEvent.run(number, revision++, id, type, version, data, crc);
    }
    this.#statements.setStream.run(revision - 1, streamChecksum(stream, number, revision - 1), number);
    return decision;
  }

  #delete(stream: string): boolean {
    const found = this.#stream(stream);
    if (found === undefined) return false;
    this.#statements.dropEvents.run(found.id);
    this.#statements.dropStream.run(found.id);
    return true;
  }

  #stream(name: string): StreamRow | undefined {
    const row = this.#statements.stream.get(name);
    if (row === undefined) return undefined;
    const found = { id: Number(row['id']), last: Number(row['last']) };
    if (Number(row['crc']) !== streamChecksum(name, found.id, found.last)) {
      throw this.#damaged(name, `the entry of stream ${name} has a wrong checksum`);
    }
    return found;
  }

  #rows({ id, last }: StreamRow, { stream, from, limit, backwards }: PageRequest): Page {
    const first = backwards ? Math.min(from ?? last, last) : (from ?? 0);
    const step = backwards ? -1 : 1;
    const rows: StoredRow[] = [];
    let size = 0;
    let expected = first;
    const inside = (): boolean => expected >= 0 && expected <= last;
    const room = (): boolean => rows.length < limit && rows.length < mostRows && size < longestPage;
    if (inside() && limit > 0) {
      for (const found of this.#statements[backwards ? 'down' : 'up'].iterate(id, first)) {
        const row = asRow(found);
        if (row.revision !== expected || eventChecksum(stream, row.revision, row) !== Number(found['crc']))
          break;
        rows.push(row);
        size += row.data.length;
        expected += step;
        if (!inside() || !room()) break;
      }
      if (rows.length === 0)
        throw this.#damaged(stream, `revision ${String(expected)} of ${stream} cannot be read`);
    }
    return { number: id, rows, next: inside() && rows.length < limit ? expected : undefined };
  }

  #damaged(stream: string, what: string): StoreFault {
    const advice = 'open the store again, with no other process using it, to salvage what can be read';
    return new StoreFault('store-damaged', `${this.#file}: ${what}; ${advice}.`, {
      file: this.#file,
      stream,
    });
  }

  #transaction<T>(begin: string, work: () => T): T {
    try {
      this.#database.exec(begin);
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw toStoreFault(error, this.#file);
    }
  }
}

export const asRow = (row: Record<string, unknown>): StoredRow => ({
  id: String(row['id']),
  type: String(row['type']),
  version: Number(row['version']),
  data: String(row['data']),
  revision: Number(row['revision']),
  position: Number(row['position']) - 1,
});

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asRow, type StoredRow } from './sqlite-log.ts';

export interface ReadableRow {
  readonly stream: number;
  readonly row: StoredRow;
  readonly crc: number;
}

/** Beyond this position there is nothing: an event takes at least some bytes. */
const beyond = 2 ** 40;

/**
 * Every event row of a damaged database that SQLite can still reach, by ascending position. Where a page is unreadable, the
 * next position that can be read is found by doubling the distance and then halving it.
 */
export function* readableRows(database: DatabaseSync): Generator<ReadableRow> {
  let rows: StatementSync;
  try {
    rows = database.prepare('SELECT * FROM events WHERE position >= ? ORDER BY position');
  } catch {
    // Not even the table's definition can be read.
    return;
  }
  let from: number | undefined = 0;
  while (from !== undefined) {
    let reached: number = from;
    try {
      for (const found of rows.iterate(from)) {
        const row = asRow(found);
        reached = row.position + 2;
        yield { stream: Number(found['stream']), row, crc: Number(found['crc']) };
      }
      return;
    } catch {
      from = nextReadable(rows, reached);
    }
  }
}

const nextReadable = (rows: StatementSync, from: number): number | undefined => {
  const readable = (position: number): boolean => {
    try {
      rows.get(position);
      return true;
    } catch {
      return false;
    }
  };
  let distance = 1;
  while (!readable(from + distance)) {
    distance *= 2;
    if (distance > beyond) return undefined;
  }
  let low = from + Math.floor(distance / 2);
  let high = from + distance;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readable(middle)) high = middle;
    else low = middle;
  }
  return high;
};

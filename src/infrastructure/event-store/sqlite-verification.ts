import type { DatabaseSync } from 'node:sqlite';
import { meansBusy, meansDamage } from './sqlite-faults.ts';
import { asRow } from './sqlite-log.ts';
import { eventChecksum, streamChecksum } from './sqlite-schema.ts';

/**
 * Looks for damage in an open database: its structure (quick_check), the streams' entries, that each stream's revisions
 * are 0 … last, and, with `contents`, the checksum of every event. Gives what is wrong, at most `most` findings.
 */
export const findDamage = (database: DatabaseSync, contents: boolean, most = 20): readonly string[] => {
  const findings: string[] = [];
  const look = (what: (found: (finding: string) => void) => void): void => {
    if (findings.length >= most) return;
    try {
      what((finding) => {
        if (findings.length < most) findings.push(finding);
      });
    } catch (error) {
      if (meansBusy(error) || !meansDamage(error)) throw error;
      findings.push((error as Error).message);
    }
  };
  // One transaction: another process may be appending meanwhile.
  database.exec('BEGIN');
  try {
    look((found) => {
      structure(database, most).forEach(found);
    });
    look((found) => {
      sequences(database, found);
    });
    if (contents) {
      look((found) => {
        checksums(database, found);
      });
    }
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
  return findings;
};

const structure = (database: DatabaseSync, most: number): readonly string[] =>
  database
    .prepare(`PRAGMA quick_check(${String(most)})`)
    .all()
    .map((row) => String(Object.values(row)[0]))
    .filter((text) => text !== 'ok');

const sequences = (database: DatabaseSync, found: (finding: string) => void): void => {
  const lasts = new Map<number, { readonly name: string; readonly last: number }>();
  for (const { id, name, last, crc } of database
    .prepare('SELECT id, name, last, crc FROM streams')
    .iterate()) {
    if (streamChecksum(String(name), Number(id), Number(last)) !== Number(crc)) {
      found(`the entry of stream ${String(name)} has a wrong checksum`);
    }
    lasts.set(Number(id), { name: String(name), last: Number(last) });
  }
  const counts = database.prepare(
    'SELECT stream, count(*) AS n, min(revision) AS first, max(revision) AS last FROM events GROUP BY stream',
  );
  for (const { stream, n, first, last } of counts.iterate()) {
    const entry = lasts.get(Number(stream));
    if (entry === undefined) {
      found(`${String(n)} events belong to no stream`);
    } else if (Number(first) !== 0 || Number(last) !== entry.last || Number(n) !== entry.last + 1) {
      found(`stream ${entry.name} should have ${String(entry.last + 1)} events and has ${String(n)}`);
    }
    lasts.delete(Number(stream));
  }
  for (const { name, last } of lasts.values())
    found(`stream ${name} should have ${String(last + 1)} events, has none`);
};

const checksums = (database: DatabaseSync, found: (finding: string) => void): void => {
  const rows = database.prepare(
    'SELECT e.*, s.name FROM events e JOIN streams s ON s.id = e.stream ORDER BY e.position',
  );
  for (const row of rows.iterate()) {
    const event = asRow(row);
    const stream = String(row['name']);
    if (eventChecksum(stream, event.revision, event) !== Number(row['crc'])) {
      found(`revision ${String(event.revision)} of ${stream} has a wrong checksum`);
    }
  }
};

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { eventChecksum } from '../../src/infrastructure/event-store/sqlite-schema.ts';

interface Row {
  readonly position: number;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: string;
}

export interface Target {
  /** The recording. */
  readonly name: string;
  readonly type: string;
  /** Counted from the last event of that type backwards; default 0. */
  readonly fromLast?: number;
  /** Also correct the row's checksum, as only someone who knows the format would. */
  readonly withChecksum: boolean;
}

/** Rewrites one stored event's data. */
export function tamperWith(
  store: string,
  { name, type, fromLast = 0, withChecksum }: Target,
  change: (data: Record<string, unknown>) => object,
): void {
  const database = new DatabaseSync(join(store, 'events.sqlite'));
  const stream = `machine-${name}`;
  const row = database
    .prepare(
      `select position, revision, events.id as id, type, version, data from events
       join streams on streams.id = events.stream where name = ? and type = ? order by revision desc
       limit 1 offset ?`,
    )
    .get(stream, type, fromLast) as unknown as Row | undefined;
  if (row === undefined) throw new Error(`${name} has no such ${type}`);
  const data = JSON.stringify(change(JSON.parse(row.data) as Record<string, unknown>));
  database.prepare('update events set data = ? where position = ?').run(data, row.position);
  if (withChecksum)
    database
      .prepare('update events set crc = ? where position = ?')
      .run(eventChecksum(stream, row.revision, { ...row, data }), row.position);
  database.close();
}

/** Changes one bit in the middle of every blob file; gives their paths. */
export function flipBlobs(store: string): readonly string[] {
  const directory = join(store, 'segments');
  return readdirSync(directory).map((name) => {
    const file = join(directory, name);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    return file;
  });
}

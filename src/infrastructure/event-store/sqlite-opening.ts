import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreFault, type Damage } from '../../application/ports/store-fault.ts';
import { meansDamage, messageOf, toStoreFault } from './sqlite-faults.ts';
import { SqliteLog } from './sqlite-log.ts';
import { copyDatabase, nameForDamaged, salvage } from './sqlite-salvage.ts';
import { findDamage } from './sqlite-verification.ts';
import { checkWriteAheadLog } from './write-ahead-log.ts';

export interface OpenMode {
  /** Nobody else has the store open, nor can open it before this call returns: it may be repaired. */
  readonly alone: boolean;
  /** Check every event; by default only where the file is not larger than 64 MiB. Events are checked when read anyway. */
  readonly contents?: boolean;
  readonly busyTimeout?: number;
}

const alwaysChecked = 64 << 20;

/**
 * Opens an event store's file, verified: it is sound when this returns, and the report says what had to be given up.
 * Damage in a store that others are using is a StoreFault `store-damaged`.
 */
export const openVerified = (file: string, mode: OpenMode): { log: SqliteLog; damage: readonly Damage[] } => {
  const damage: Damage[] = [];
  try {
    if (mode.alone) damage.push(...keepDamagedLog(file));
    const findings = existsSync(file) ? inspect(file, mode) : [];
    if (findings.length > 0) {
      if (!mode.alone) {
        throw new StoreFault(
          'store-damaged',
          `${file} is damaged (${findings[0]!}) and another process is using it; end that process, then open the store again to salvage what can be read.`,
          { file },
        );
      }
      damage.push(...salvage(file, findings));
    }
    return { log: new SqliteLog(file, mode.busyTimeout), damage };
  } catch (error) {
    throw toStoreFault(error, file);
  }
};

const keepDamagedLog = (file: string): readonly Damage[] => {
  const walFile = `${file}-wal`;
  const found = checkWriteAheadLog(walFile);
  if (found === undefined) return [];
  const kept = nameForDamaged(file);
  copyDatabase(file, kept);
  const what = `${found.what}. The files are kept as ${kept}`;
  const lost = `the last appends (up to ${String(found.framesLost)} changed pages), unless that was the append in progress when its process was ended`;
  return [{ where: walFile, what, lost }];
};

const inspect = (file: string, { contents, busyTimeout = 5000 }: OpenMode): readonly string[] => {
  const { size } = statSync(file);
  // SQLite takes an empty file for a new database; so do we.
  if (size === 0) return [];
  let database: DatabaseSync | undefined;
  try {
    // Through SqliteLog first: it tells a foreign or newer file, which is not to be salvaged, from a damaged one.
    new SqliteLog(file, busyTimeout).close();
    database = new DatabaseSync(file, { timeout: busyTimeout });
    return findDamage(database, contents ?? size <= alwaysChecked);
  } catch (error) {
    const damaged = meansDamage(error) || (error instanceof StoreFault && error.code === 'store-damaged');
    if (damaged) return [messageOf(error)];
    throw error;
  } finally {
    database?.close();
  }
};

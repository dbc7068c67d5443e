import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreFault } from '../../application/ports/store-fault.ts';
import { meansBusy, toStoreFault } from './sqlite-faults.ts';

/**
 * Who has a recording store open. Everyone holds a shared lock; who holds it exclusively is the only user, and may
 * repair, truncate and collect.
 *
 * The lock is SQLite's own, on an empty database: the operating system drops it when the process dies, however it dies,
 * and it works on every platform.
 */
export class StoreLock {
  readonly #database: DatabaseSync;
  readonly #file: string;
  #alone: boolean;

  private constructor(database: DatabaseSync, file: string, alone: boolean) {
    this.#database = database;
    this.#file = file;
    this.#alone = alone;
  }

  /** Takes the lock exclusively if nobody else has it, else shared. Throws StoreFault. */
  static async take(directory: string): Promise<StoreLock> {
    const file = join(directory, 'lock.sqlite');
    let database: DatabaseSync;
    try {
      database = new DatabaseSync(file, { timeout: 0 });
    } catch (error) {
      throw toStoreFault(error, file);
    }
    const lock = new StoreLock(database, file, false);
    try {
      if (!lock.#tryExclusive()) await lock.share();
      return lock;
    } catch (error) {
      lock.release();
      throw toStoreFault(error, file);
    }
  }

  /** Whether nobody else has the store open. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Goes over to the shared lock, waiting (up to 60 s) for another process that repairs the store. */
  async share(): Promise<void> {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#alone = false;
    for (let attempt = 0; ; attempt++) {
      try {
        // Reading is what takes SQLite's shared lock.
        this.#database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
        return;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        if (!meansBusy(error) || attempt >= 6000) throw toStoreFault(error, this.#file);
      }
      await sleep(10);
    }
  }

  /** Does `work` while nobody else has the store open. Throws StoreFault `store-locked` when somebody has. */
  async exclusively<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    if (this.#alone) return work();
    this.#database.exec('ROLLBACK');
    const taken = this.#tryExclusive();
    try {
      if (!taken) {
        throw new StoreFault(
          'store-locked',
          `The recordings in use by another process cannot be ${purpose}; try again when it has finished.`,
          { file: this.#file },
        );
      }
      return await work();
    } finally {
      await this.share();
    }
  }

  release(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #tryExclusive(): boolean {
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
      this.#alone = true;
      return true;
    } catch (error) {
      if (meansBusy(error)) return false;
      throw toStoreFault(error, this.#file);
    }
  }
}

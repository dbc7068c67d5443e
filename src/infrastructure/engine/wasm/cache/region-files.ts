import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cachedFiles, markUsed } from '../../../host/cached-files.ts';

/** How much is kept. */
export interface KeptCapacity {
  readonly files: number;
  readonly bytes: number;
}

export const usualKept: KeptCapacity = { files: 2048, bytes: 64 << 20 };

const prefix = 'regions-';
/** Directories of other programs that are left alone. */
const othersKept = 2;
/** What is left when room is made, so that room is not made every time. */
const leftShare = 0.75;
/** Milliseconds: what a process that ended while it wrote has left behind is older. */
const abandoned = 86_400_000;
const unfinished = /\.new$/;

/**
 * A directory of files whose names say what they are of. Processes share it: a file appears whole, under a name that no other content
 * has, and may be gone at any time. Only what is of this user, and nobody else can write to, is believed.
 */
export class RegionFiles {
  readonly #directory: string;
  readonly #capacity: KeptCapacity;

  /** `identity`: of the program that makes the files, which no other program reads. */
  constructor(parent: string, identity: string, capacity: KeptCapacity = usualKept) {
    this.#directory = join(parent, `${prefix}${identity.slice(0, 16)}`);
    this.#capacity = capacity;
  }

  /** The names of all files. */
  names(): readonly string[] {
    try {
      return this.#isOurs() ? readdirSync(this.#directory).filter((name) => !unfinished.test(name)) : [];
    } catch {
      return [];
    }
  }

  /** A file's bytes, which stays among the last to go for that; undefined where it is gone. */
  read(name: string): Buffer | undefined {
    const file = join(this.#directory, name);
    try {
      const bytes = readFileSync(file);
      markUsed(file);
      return bytes;
    } catch {
      return undefined;
    }
  }

  /** Writes files, the first ones being the most wanted, and makes room; where there is no place for a cache, nothing happens. */
  write(files: Iterable<readonly [name: string, bytes: Uint8Array]>): void {
    try {
      let written = 0;
      for (const [name, bytes] of files) {
        if (written === 0) this.#begin();
        if (++written > this.#capacity.files) break;
        const file = join(this.#directory, name);
        const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.new`;
        writeFileSync(fresh, bytes, { mode: 0o600 });
        renameSync(fresh, file);
      }
      if (written > 0) this.#makeRoom();
    } catch {
      // A full disk, a directory that is not ours, another process that tidies: the next run translates.
    }
  }

  #begin(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    if (!this.#isOurs()) throw new Error(`${this.#directory} is another user’s`);
  }

  #isOurs(): boolean {
    const { uid, mode } = statSync(this.#directory);
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  }

  /** Removes the files that were not used for longest, and what other programs left. */
  #makeRoom(): void {
    const now = Date.now();
    const all = cachedFiles(this.#directory);
    let [files, bytes] = [all.length, all.reduce((sum, { size }) => sum + size, 0)];
    const full = files > this.#capacity.files || bytes > this.#capacity.bytes;
    const share = full ? leftShare : 1;
    for (const { path, size, used } of all.toReversed()) {
      const tooMany = files > share * this.#capacity.files || bytes > share * this.#capacity.bytes;
      const left = unfinished.test(path) && now - used > abandoned;
      if (!tooMany && !left) continue;
      rmSync(path, { force: true });
      files--;
      bytes -= size;
    }
    const parent = dirname(this.#directory);
    const others = cachedFiles(parent).filter(
      ({ path }) => path.startsWith(join(parent, prefix)) && path !== this.#directory,
    );
    for (const { path } of others.slice(othersKept)) rmSync(path, { recursive: true, force: true });
  }
}

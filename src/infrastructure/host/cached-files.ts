import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** A file, or directory, of a cache; `used`: when it was written or last marked as used, ms since 1970. */
export interface CachedFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly used: number;
}

/** Milliseconds by which a file's time of use may be behind. */
const day = 86_400_000;

/** What is in a directory that other processes change too: those used last first. */
export function cachedFiles(directory: string): CachedFile[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const path = join(directory, name);
      // Another process may have removed it.
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? [{ name, path, size: found.size, used: found.mtimeMs }] : [];
    })
    .sort((a, b) => b.used - a.used);
}

/** Has a file stay among the last to go. Throws what the file system throws. */
export function markUsed(path: string): void {
  const now = Date.now();
  if (now - statSync(path).mtimeMs > day) utimesSync(path, now / 1000, now / 1000);
}

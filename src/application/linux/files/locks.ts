/**
 * Advisory locks: ranges for fcntl (owned by a process or an open file) and whole files for flock (owned by an open
 * file). Law: shared locks agree with shared ones; an exclusive lock conflicts with every other owner's.
 */
import type { OpenFile, RangeLock } from './file-system-state.ts';
import type { FileWorld } from './open-files.ts';

/** What names the file that locks are on, or undefined for one that takes none. */
export function lockKey(file: OpenFile): string | undefined {
  const { object } = file;
  if (object.kind === 'file' || object.kind === 'device') return `inode:${String(object.inode)}`;
  if (object.kind === 'host') return `host:${String(object.mount)}:${object.path.join('/')}`;
  if (object.kind === 'directory') return `directory:${JSON.stringify(Object.values(object.at))}`;
  return object.kind === 'generated' ? `text:${JSON.stringify(Object.values(object.at))}` : undefined;
}

const overlap = (left: RangeLock, right: RangeLock): boolean =>
  left.start < right.end && right.start < left.end;

/** The first lock of another owner that stands in the way of `wanted`. */
export const conflict = (held: readonly RangeLock[], wanted: RangeLock): RangeLock | undefined =>
  held.find(
    (lock) => lock.owner !== wanted.owner && (lock.exclusive || wanted.exclusive) && overlap(lock, wanted),
  );

/** The locks when `owner` has given up [start, end). */
export const without = (
  held: readonly RangeLock[],
  owner: string,
  start: number,
  end: number,
): readonly RangeLock[] =>
  held.flatMap((lock) => {
    if (lock.owner !== owner || lock.end <= start || lock.start >= end) return [lock];
    const rest: RangeLock[] = [];
    if (lock.start < start) rest.push({ ...lock, end: start });
    if (lock.end > end) rest.push({ ...lock, start: end });
    return rest;
  });

export function setLocks(world: FileWorld, key: string, locks: readonly RangeLock[]): void {
  if (locks.length === 0) world.fileSystem.state.locks.delete(key);
  else world.fileSystem.state.locks.set(key, locks);
}

/** Gives up all locks that `owner` has on a file. */
export function releaseLocks(world: FileWorld, file: OpenFile, owner: string): void {
  const name = lockKey(file);
  if (name === undefined) return;
  for (const key of [`range:${name}`, `whole:${name}`]) {
    const held = world.fileSystem.state.locks.get(key);
    if (held === undefined) continue;
    const left = without(held, owner, 0, Infinity);
    setLocks(world, key, left);
    if (left.length !== held.length) world.changed();
  }
}

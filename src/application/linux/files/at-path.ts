/** Paths as system calls take them: relative to a directory descriptor, with AT_* flags. */
import { errno } from '../errno.ts';
import type { SystemCallContext } from '../system-call.ts';
import type { FileInode, DirectoryInode, Location, OpenFile } from './file-system-state.ts';
import { inodeAt } from './inodes.ts';
import { atFlag } from './modes.ts';
import { fileOf } from './open-files.ts';
import { type Resolution, type ResolutionOptions, resolve } from './path-resolution.ts';
import { placeOfFile } from './process-tree.ts';
import { pathIn } from './user-memory.ts';

/** Where a path that is relative to descriptor `fd` starts. */
export function startAt(call: SystemCallContext, fd: number, path: string): Location | number {
  if (path.startsWith('/') || fd === atFlag.currentDirectory) return call.files.workingDirectory;
  const file = fileOf(call.fileSystem, call.files.table, fd);
  if (typeof file === 'number') return file;
  return placeOfFile(file) ?? errno.ENOTDIR;
}

/** Resolves the path at `argument`, relative to descriptor `fd`. */
export function resolveAt(
  call: SystemCallContext,
  fd: number,
  argument: bigint | undefined,
  options: ResolutionOptions,
): Resolution | number {
  const path = pathIn(call.memory, argument);
  if (typeof path === 'number') return path;
  if (path === '') return errno.ENOENT;
  const start = startAt(call, fd, path);
  if (typeof start === 'number') return start;
  return resolve(call, start, path, options);
}

/** What a path with AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW names: an existing place, or an open file without one. */
export function targetAt(
  call: SystemCallContext,
  fd: number,
  argument: bigint | undefined,
  flags: number,
): { readonly at: Location | undefined; readonly file: OpenFile | undefined } | number {
  const empty = (flags & atFlag.emptyPath) !== 0;
  const path = empty && argument === 0n ? '' : pathIn(call.memory, argument);
  if (typeof path === 'number') return path;
  if (path === '') {
    if (!empty) return errno.ENOENT;
    if (fd === atFlag.currentDirectory) return { at: call.files.workingDirectory, file: undefined };
    const file = fileOf(call.fileSystem, call.files.table, fd);
    return typeof file === 'number' ? file : { at: placeOfFile(file), file };
  }
  const start = startAt(call, fd, path);
  if (typeof start === 'number') return start;
  const found = resolve(call, start, path, { followLast: (flags & atFlag.symlinkNoFollow) === 0 });
  if (typeof found === 'number') return found;
  if (found.entry === undefined) return errno.ENOENT;
  if (found.openFile === undefined) return { at: found.entry.at, file: undefined };
  const file = call.fileSystem.state.files.get(found.openFile);
  return file === undefined ? errno.ENOENT : { at: placeOfFile(file), file };
}

/** The directory inode at a place of the in-memory tree, or undefined. A removed directory takes no new entries. */
export function memoryDirectory(
  call: Pick<SystemCallContext, 'fileSystem'>,
  at: Location,
): DirectoryInode | undefined {
  if (at.kind !== 'memory') return undefined;
  const inode = inodeAt(call.fileSystem, at.inode);
  return inode.kind === 'directory' && inode.links > 0 ? inode : undefined;
}

/** The in-memory file at a place, or undefined. */
export function memoryFile(call: Pick<SystemCallContext, 'fileSystem'>, at: Location): FileInode | undefined {
  if (at.kind !== 'memory') return undefined;
  const inode = inodeAt(call.fileSystem, at.inode);
  return inode.kind === 'file' ? inode : undefined;
}

/** The host path of a place, as requests carry it. */
export const hostPath = (
  at: Extract<Location, { kind: 'host' }>,
): { mount: number; path: readonly string[] } => ({
  mount: at.mount,
  path: at.path,
});

/** Why nothing can be made or removed in a directory: EROFS under a read-only mount and in /proc; 0 when it can. */
export function refusesChange(call: Pick<SystemCallContext, 'fileSystem'>, directory: Location): number {
  if (directory.kind === 'process') return errno.EPERM;
  if (directory.kind === 'host') return call.fileSystem.mounts[directory.mount]!.readOnly ? errno.EROFS : 0;
  return memoryDirectory(call, directory) === undefined ? errno.ENOENT : 0;
}

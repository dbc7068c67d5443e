/** mkdirat, mknodat, unlinkat, renameat2, linkat, symlinkat. */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler } from '../system-call.ts';
import { hostPath, memoryDirectory, refusesChange, resolveAt } from './at-path.ts';
import type { Inode, Location } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { addInode, inodeAt, link, unlink } from './inodes.ts';
import { atFlag, fileType } from './modes.ts';
import { sameLocation } from './name-space.ts';
import { fileOf } from './open-files.ts';
import type { Resolution } from './path-resolution.ts';
import { moveEntry } from './rename.ts';
import { int, pathIn, uint } from './user-memory.ts';

type HostLocation = Extract<Location, { kind: 'host' }>;

const childOf = (found: Resolution): HostLocation =>
  ({ ...found.parent, path: [...(found.parent as HostLocation).path, found.name] }) as HostLocation;

const lastIsName = (found: Resolution): boolean =>
  found.name !== '/' && found.name !== '.' && found.name !== '..';

/** Where a new entry goes: nothing may be there yet. */
function vacancy(
  call: SystemCallContext,
  fd: number,
  path: bigint | undefined,
  directory: boolean,
): Resolution | number {
  const found = resolveAt(call, fd, path, { followLast: false, forEntry: true });
  if (typeof found === 'number') return found;
  if (found.entry !== undefined || !lastIsName(found)) return errno.EEXIST;
  if (found.mustBeDirectory && !directory) return errno.ENOENT;
  const refused = refusesChange(call, found.parent);
  return refused === 0 ? found : refused;
}

const answer = (reply: ReturnType<typeof ask>): number => (typeof reply === 'number' ? reply : 0);

function addEntry(call: SystemCallContext, found: Resolution, fields: Parameters<typeof addInode>[1]): Inode {
  const inode = addInode(call.fileSystem, fields, call.realtime);
  link(memoryDirectory(call, found.parent)!, found.name, inode, call.realtime);
  return inode;
}

function mkdirat(call: SystemCallContext): number {
  const found = vacancy(call, int(call.args[0]), call.args[1], true);
  if (typeof found === 'number') return found;
  const mode = uint(call.args[2]) & ~call.files.umask & 0o1777;
  if (found.parent.kind === 'host')
    return answer(ask(call.host, { call: 'mkdir', at: hostPath(childOf(found)), mode: mode & 0o777 }));
  addEntry(call, found, { kind: 'directory', mode, entries: new Map(), parent: found.parent });
  return 0;
}

function mknodat(call: SystemCallContext): number {
  const found = vacancy(call, int(call.args[0]), call.args[1], false);
  if (typeof found === 'number') return found;
  const type = uint(call.args[2]) & 0o170000;
  const mode = uint(call.args[2]) & ~call.files.umask & 0o7777;
  if (type === fileType.character || type === fileType.block) return errno.EPERM;
  if (type === fileType.directory) return errno.EPERM;
  if (type !== 0 && type !== fileType.regular && type !== fileType.fifo && type !== fileType.socket)
    return errno.EINVAL;
  if (found.parent.kind === 'host') {
    if (type !== 0 && type !== fileType.regular) return errno.EPERM;
    const made = ask(call.host, {
      call: 'open',
      at: hostPath(childOf(found)),
      write: true,
      create: true,
      exclusive: true,
      truncate: false,
      mode: mode & 0o777,
    });
    return typeof made === 'number'
      ? made
      : answer(ask(call.host, { call: 'close', handle: made.value ?? -1 }));
  }
  if (type === fileType.fifo) addEntry(call, found, { kind: 'fifo', mode, pipe: undefined });
  else if (type === fileType.socket) addEntry(call, found, { kind: 'socket', mode });
  else addEntry(call, found, { kind: 'file', mode, size: 0, blocks: new Map(), image: 0 });
  return 0;
}

function symlinkat(call: SystemCallContext): number {
  const target = pathIn(call.memory, call.args[0]);
  if (typeof target === 'number') return target;
  if (target === '') return errno.ENOENT;
  const found = vacancy(call, int(call.args[1]), call.args[2], false);
  if (typeof found === 'number') return found;
  if (found.parent.kind === 'host')
    return answer(ask(call.host, { call: 'symlink', at: hostPath(childOf(found)), target }));
  addEntry(call, found, { kind: 'symlink', mode: 0o777, target });
  return 0;
}

function unlinkat(call: SystemCallContext): number {
  const flags = uint(call.args[2]);
  if ((flags & ~atFlag.removeDirectory) !== 0) return errno.EINVAL;
  const directory = (flags & atFlag.removeDirectory) !== 0;
  const found = resolveAt(call, int(call.args[0]), call.args[1], { followLast: false, forEntry: true });
  if (typeof found === 'number') return found;
  if (!lastIsName(found)) {
    if (!directory) return errno.EISDIR;
    return found.name === '.' ? errno.EINVAL : found.name === '..' ? errno.ENOTEMPTY : errno.EBUSY;
  }
  const { entry } = found;
  if (entry === undefined) return errno.ENOENT;
  const refused = refusesChange(call, found.parent);
  if (refused !== 0) return refused;
  if (directory && entry.kind !== 'directory') return errno.ENOTDIR;
  if (!directory && entry.kind === 'directory') return errno.EISDIR;
  if (found.mustBeDirectory && entry.kind !== 'directory') return errno.ENOTDIR;
  if (found.parent.kind === 'host') {
    if (entry.at.kind !== 'host' || entry.at.mount !== found.parent.mount) return errno.EBUSY;
    return answer(ask(call.host, { call: 'remove', at: hostPath(entry.at), directory }));
  }
  // A mount point, and what only /proc has.
  if (entry.at.kind !== 'memory') return entry.at.kind === 'host' ? errno.EBUSY : errno.EPERM;
  const inode = inodeAt(call.fileSystem, entry.at.inode);
  if (inode.kind === 'directory' && inode.entries.size > 0) return errno.ENOTEMPTY;
  unlink(call.fileSystem, memoryDirectory(call, found.parent)!, found.name, call.realtime);
  return 0;
}

function linkat(call: SystemCallContext): number {
  const flags = uint(call.args[4]);
  if ((flags & ~(atFlag.symlinkFollow | atFlag.emptyPath)) !== 0) return errno.EINVAL;
  const source = linkSource(call, flags);
  if (typeof source === 'number') return source;
  const found = vacancy(call, int(call.args[2]), call.args[3], false);
  if (typeof found === 'number') return found;
  if (source.kind === 'host' && found.parent.kind === 'host') return errno.EPERM;
  if (source.kind !== 'memory' || found.parent.kind !== 'memory') return errno.EXDEV;
  const inode = inodeAt(call.fileSystem, source.inode);
  if (inode.kind === 'directory') return errno.EPERM;
  if (inode.kind === 'file' && inode.seals !== undefined) return errno.EXDEV;
  link(memoryDirectory(call, found.parent)!, found.name, inode, call.realtime);
  return 0;
}

function linkSource(call: SystemCallContext, flags: number): Location | number {
  const path = pathIn(call.memory, call.args[1]);
  if (typeof path === 'number') return path;
  if (path === '' && (flags & atFlag.emptyPath) !== 0) {
    const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
    if (typeof file === 'number') return file;
    const { object } = file;
    if (object.kind === 'file') return { kind: 'memory', inode: object.inode };
    return object.kind === 'path' ? object.at : errno.EXDEV;
  }
  const found = resolveAt(call, int(call.args[0]), call.args[1], {
    followLast: (flags & atFlag.symlinkFollow) !== 0,
  });
  if (typeof found === 'number') return found;
  if (found.entry === undefined) return errno.ENOENT;
  return found.entry.kind === 'directory' ? errno.EPERM : found.entry.at;
}

/** RENAME_NOREPLACE and RENAME_EXCHANGE. */
const renameFlag = { noReplace: 1, exchange: 2 } as const;

function rename(call: SystemCallContext, flags: number): number {
  if ((flags & ~3) !== 0 || flags === 3) return errno.EINVAL;
  const from = resolveAt(call, int(call.args[0]), call.args[1], { followLast: false, forEntry: true });
  if (typeof from === 'number') return from;
  const to = resolveAt(call, int(call.args[2]), call.args[3], { followLast: false, forEntry: true });
  if (typeof to === 'number') return to;
  if (!lastIsName(from) || !lastIsName(to)) return errno.EBUSY;
  if (from.entry === undefined) return errno.ENOENT;
  if (to.entry !== undefined && (flags & renameFlag.noReplace) !== 0) return errno.EEXIST;
  if (to.entry === undefined && (flags & renameFlag.exchange) !== 0) return errno.ENOENT;
  if (
    from.entry.kind !== 'directory' &&
    (from.mustBeDirectory || (to.mustBeDirectory && to.entry === undefined))
  )
    return errno.ENOTDIR;
  for (const { parent } of [from, to]) {
    const refused = refusesChange(call, parent);
    if (refused !== 0) return refused;
  }
  if (to.entry !== undefined && sameLocation(from.entry.at, to.entry.at)) return 0;
  return moveEntry(call, from, to, (flags & renameFlag.exchange) !== 0);
}

export const treeCalls: Readonly<Record<string, SystemCallHandler>> = {
  mkdirat,
  mknodat,
  symlinkat,
  unlinkat,
  linkat,
  renameat: (call) => rename(call, 0),
  renameat2: (call) => rename(call, uint(call.args[4])),
};

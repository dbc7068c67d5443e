/** fstat, newfstatat, statx, statfs, faccessat, readlinkat, getdents64, getcwd, chdir. stat(2), getdents(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { hostPath, resolveAt, targetAt } from './at-path.ts';
import { type Location, type OpenFile, blockSize } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { hold, inodeAt, letGo } from './inodes.ts';
import { atFlag, fileType } from './modes.ts';
import { encodeName } from './names.ts';
import { entryAt, listDirectory, pathInode, pathOf, readLink } from './name-space.ts';
import { fileOf } from './open-files.ts';
import { placeOfFile } from './process-tree.ts';
import { type Status, statBytes, statfsBytes, statxBytes } from './status-layout.ts';
import { copyOut, int, size, uint } from './user-memory.ts';

const deviceNumbers = { null: 3, zero: 5, full: 7, random: 8, urandom: 9, tty: 0 } as const;
const modeOfKind = {
  file: fileType.regular,
  directory: fileType.directory,
  symlink: fileType.symlink,
  device: fileType.character,
  generated: fileType.regular,
  fifo: fileType.fifo,
  socket: fileType.socket,
  other: fileType.regular,
} as const;

const bare = {
  uid: 0,
  gid: 0,
  links: 1,
  size: 0,
  blocks: 0,
  device: 0,
  accessed: 0n,
  modified: 0n,
  changed: 0n,
  born: 0n,
};

function hostStatus(
  call: SystemCallContext,
  mount: number,
  at: Location,
  reply: ReturnType<typeof ask>,
): Status | number {
  if (typeof reply === 'number') return reply;
  const { stat } = reply;
  if (stat === undefined) return errno.EIO;
  const time = BigInt(Math.round(stat.mtimeMs * 1000)) * 1000n;
  const inode =
    at.kind === 'host' && at.path.length === 0 ? BigInt(call.fileSystem.mounts[mount]!.inode) : pathInode(at);
  return {
    ...bare,
    fileSystem: 40 + mount,
    inode,
    mode: modeOfKind[stat.kind] | (stat.mode & 0o7777),
    links: stat.links,
    size: stat.size,
    blocks: Math.ceil(stat.size / 512),
    accessed: time,
    modified: time,
    changed: time,
    born: time,
  };
}

/** What is at a place. */
export function statusAt(call: SystemCallContext, at: Location): Status | number {
  if (at.kind === 'host')
    return hostStatus(call, at.mount, at, ask(call.host, { call: 'stat', at: hostPath(at) }));
  if (at.kind === 'process') {
    const entry = entryAt(call, at);
    if (typeof entry === 'number') return entry;
    const time = call.realtime;
    const permissions = entry.kind === 'directory' ? 0o555 : entry.kind === 'symlink' ? 0o777 : 0o444;
    return {
      ...bare,
      fileSystem: 21,
      inode: pathInode(at),
      mode: modeOfKind[entry.kind] | permissions,
      accessed: time,
      modified: time,
      changed: time,
      born: time,
    };
  }
  const inode = inodeAt(call.fileSystem, at.inode);
  const length =
    inode.kind === 'file'
      ? inode.size
      : inode.kind === 'symlink'
        ? encodeName(inode.target).length
        : inode.kind === 'directory'
          ? inode.entries.size * 20 + 40
          : 0;
  return {
    ...bare,
    fileSystem: 20,
    inode: BigInt(inode.number),
    mode: modeOfKind[inode.kind] | inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    links: inode.links,
    size: length,
    blocks: inode.kind === 'file' ? (inode.blocks.size + Math.ceil(inode.image / blockSize)) * 8 : 0,
    device:
      inode.kind === 'device' ? (inode.device === 'tty' ? 0x500 : 0x100 + deviceNumbers[inode.device]) : 0,
    accessed: inode.accessed,
    modified: inode.modified,
    changed: inode.changed,
    born: inode.born,
  };
}

/** What an open file is. */
export function statusOf(call: SystemCallContext, file: OpenFile): Status | number {
  const { object } = file;
  if (object.kind === 'host')
    return hostStatus(
      call,
      object.mount,
      { kind: 'host', mount: object.mount, path: object.path },
      ask(call.host, { call: 'fstat', handle: object.handle }),
    );
  const place = placeOfFile(file);
  if (place !== undefined) return statusAt(call, place);
  const type =
    object.kind === 'socket'
      ? fileType.socket | 0o777
      : object.kind === 'pipe' || object.kind === 'stream'
        ? fileType.fifo | 0o600
        : 0o600;
  return { ...bare, fileSystem: object.kind === 'socket' ? 8 : 13, inode: BigInt(file.number), mode: type };
}

function statusTarget(
  call: SystemCallContext,
  fd: number,
  path: bigint | undefined,
  flags: number,
): Status | number {
  const target = targetAt(call, fd, path, flags);
  if (typeof target === 'number') return target;
  if (target.file !== undefined) return statusOf(call, target.file);
  return target.at === undefined ? errno.ENOENT : statusAt(call, target.at);
}

function put(
  call: SystemCallContext,
  address: bigint | undefined,
  status: Status | number,
  bytes: (status: Status) => Uint8Array,
): number {
  return typeof status === 'number' ? status : copyOut(call.memory, size(address), bytes(status));
}

function fstat(call: SystemCallContext): number {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  return typeof file === 'number' ? file : put(call, call.args[1], statusOf(call, file), statBytes);
}

const statFlags = atFlag.symlinkNoFollow | atFlag.noAutomount | atFlag.emptyPath;

function newfstatat(call: SystemCallContext): number {
  const flags = uint(call.args[3]);
  if ((flags & ~statFlags) !== 0) return errno.EINVAL;
  return put(call, call.args[2], statusTarget(call, int(call.args[0]), call.args[1], flags), statBytes);
}

function statx(call: SystemCallContext): number {
  const flags = uint(call.args[2]);
  if ((flags & ~(statFlags | 0x6000)) !== 0 || (flags & 0x6000) === 0x6000) return errno.EINVAL;
  if ((uint(call.args[3]) & 0x80000000) !== 0) return errno.EINVAL;
  return put(call, call.args[4], statusTarget(call, int(call.args[0]), call.args[1], flags), statxBytes);
}

function statfs(call: SystemCallContext, at: Location | undefined): number {
  const mount = at?.kind === 'host' ? call.fileSystem.mounts[at.mount] : undefined;
  return copyOut(
    call.memory,
    size(call.args[1]),
    statfsBytes(at?.kind === 'process', mount?.readOnly === true, call.fileSystem.state.held),
  );
}

function access(call: SystemCallContext, flags: number): number {
  const mode = int(call.args[2]);
  if (
    (mode & ~7) !== 0 ||
    (flags & ~(atFlag.symlinkNoFollow | atFlag.effectiveAccess | atFlag.emptyPath)) !== 0
  )
    return errno.EINVAL;
  const target = targetAt(call, int(call.args[0]), call.args[1], flags);
  if (typeof target === 'number') return target;
  if (target.at === undefined) return 0;
  const status = statusAt(call, target.at);
  if (typeof status === 'number') return status;
  const readOnly = target.at.kind === 'host' && call.fileSystem.mounts[target.at.mount]!.readOnly;
  if ((mode & 2) !== 0 && readOnly) return errno.EROFS;
  // The guest is its own root: only a file that nobody may execute refuses.
  const executable = (status.mode & 0o111) !== 0 || (status.mode & 0o170000) === fileType.directory;
  return (mode & 1) !== 0 && !executable ? errno.EACCES : 0;
}

function readlinkat(call: SystemCallContext): number {
  const room = int(call.args[3]);
  if (room <= 0) return errno.EINVAL;
  const target = targetAt(call, int(call.args[0]), call.args[1], atFlag.symlinkNoFollow | atFlag.emptyPath);
  if (typeof target === 'number') return target;
  if (target.at === undefined) return errno.EINVAL;
  const entry = entryAt(call, target.at);
  if (typeof entry === 'number') return entry;
  if (entry.kind !== 'symlink') return errno.EINVAL;
  const text = readLink(call, target.at);
  if (typeof text === 'number') return text;
  const bytes = encodeName(text).subarray(0, room);
  const result = copyOut(call.memory, size(call.args[2]), bytes);
  return result < 0 ? result : bytes.length;
}

/** linux_dirent64 records: ino, off, reclen, type, name, padded to 8 bytes. */
function getdents(call: SystemCallContext): SystemCallOutcome {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof file === 'number') return file;
  const { object } = file;
  if (object.kind !== 'directory') return object.kind === 'path' ? errno.EBADF : errno.ENOTDIR;
  if (object.listing === undefined || file.offset === 0) {
    const listing = listDirectory(call, object.at);
    if (typeof listing === 'number') return listing;
    object.listing = listing;
  }
  const room = Math.min(uint(call.args[2]), 2 ** 20);
  let done = 0;
  for (let index = file.offset; index < object.listing.length; index++) {
    const entry = object.listing[index]!;
    const name = encodeName(entry.name);
    const length = Math.ceil((19 + name.length + 1) / 8) * 8;
    if (done + length > room) return done > 0 ? done : errno.EINVAL;
    const record = new Uint8Array(length);
    const view = new DataView(record.buffer);
    view.setBigUint64(0, entry.inode, true);
    view.setBigInt64(8, BigInt(index + 1), true);
    view.setUint16(16, length, true);
    view.setUint8(18, entry.type);
    record.set(name, 19);
    if (copyOut(call.memory, size(call.args[1]) + done, record) < 0) return done > 0 ? done : errno.EFAULT;
    done += length;
    file.offset = index + 1;
  }
  return done;
}

function getcwd(call: SystemCallContext): number {
  const path = pathOf(call, call.files.workingDirectory);
  if (path === undefined) return errno.ENOENT;
  const bytes = encodeName(`${path}\0`);
  if (bytes.length > size(call.args[1])) return errno.ERANGE;
  const result = copyOut(call.memory, size(call.args[0]), bytes);
  return result < 0 ? result : bytes.length;
}

function changeDirectory(call: SystemCallContext, at: Location): number {
  const entry = entryAt(call, at);
  if (typeof entry === 'number') return entry;
  if (entry.kind !== 'directory') return errno.ENOTDIR;
  hold(call.fileSystem, at);
  letGo(call.fileSystem, call.files.workingDirectory);
  call.files.workingDirectory = at;
  return 0;
}

const withFile =
  (act: (call: SystemCallContext, at: Location | undefined) => number): SystemCallHandler =>
  (call) => {
    const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
    return typeof file === 'number' ? file : act(call, placeOfFile(file));
  };

const withPath =
  (act: (call: SystemCallContext, at: Location) => number): SystemCallHandler =>
  (call) => {
    const found = resolveAt(call, atFlag.currentDirectory, call.args[0], { followLast: true });
    if (typeof found === 'number') return found;
    return found.entry === undefined ? errno.ENOENT : act(call, found.entry.at);
  };

export const statusCalls: Readonly<Record<string, SystemCallHandler>> = {
  fstat,
  newfstatat,
  statx,
  statfs: withPath(statfs),
  fstatfs: withFile(statfs),
  faccessat: (call) => access(call, 0),
  faccessat2: (call) => access(call, uint(call.args[3])),
  readlinkat,
  getdents64: getdents,
  getcwd,
  chdir: withPath(changeDirectory),
  fchdir: withFile((call, at) => (at === undefined ? errno.ENOTDIR : changeDirectory(call, at))),
};

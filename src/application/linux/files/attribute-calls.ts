/** chmod, chown, times, sizes, space and syncing of files. */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler } from '../system-call.ts';
import { hostPath, memoryFile, refusesChange, resolveAt, targetAt } from './at-path.ts';
import { punchHole, resizeContent } from './file-content.ts';
import { type Inode, type Location, type OpenFile, contentLimit } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { inodeAt } from './inodes.ts';
import { atFlag, openFlag } from './modes.ts';
import { fileOf, isWritable } from './open-files.ts';
import { operationsOf } from './operations.ts';
import { placeOfFile } from './process-tree.ts';
import { fileInode } from './stored-files.ts';
import { int, long, size, uint, viewIn } from './user-memory.ts';

const namedFile = (call: SystemCallContext): OpenFile | number => {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  return typeof file !== 'number' && (file.flags & openFlag.path) !== 0 ? errno.EBADF : file;
};

type Change = (inode: Inode) => void;

/** Applies a change of attributes: to an inode, or as a question to the host. Files without a place take any. */
function changeAt(
  call: SystemCallContext,
  at: Location | undefined,
  change: Change,
  onHost: (at: Extract<Location, { kind: 'host' }>) => number,
): number {
  if (at === undefined) return 0;
  if (at.kind === 'process') return errno.EPERM;
  if (at.kind === 'host') return call.fileSystem.mounts[at.mount]!.readOnly ? errno.EROFS : onHost(at);
  const inode = inodeAt(call.fileSystem, at.inode);
  change(inode);
  inode.changed = call.realtime;
  return 0;
}

function changeMode(call: SystemCallContext, at: Location | undefined, mode: number): number {
  return changeAt(
    call,
    at,
    (inode) => (inode.mode = mode & 0o7777),
    (place) => {
      const reply = ask(call.host, { call: 'chmod', at: hostPath(place), mode: mode & 0o777 });
      return typeof reply === 'number' ? reply : 0;
    },
  );
}

function chmodAt(call: SystemCallContext, flags: number): number {
  if ((flags & ~(atFlag.symlinkNoFollow | atFlag.emptyPath)) !== 0) return errno.EINVAL;
  const target = targetAt(call, int(call.args[0]), call.args[1], flags);
  if (typeof target === 'number') return target;
  const inode = target.at?.kind === 'memory' ? inodeAt(call.fileSystem, target.at.inode) : undefined;
  return inode?.kind === 'symlink' ? errno.EOPNOTSUPP : changeMode(call, target.at, uint(call.args[2]));
}

function changeOwner(call: SystemCallContext, at: Location | undefined, uid: number, gid: number): number {
  const change: Change = (inode) => {
    if (uid !== 0xffffffff) inode.uid = uid;
    if (gid !== 0xffffffff) inode.gid = gid;
    if (inode.kind === 'file') inode.mode &= ~0o6000;
  };
  // Host files belong to the guest's root and to nobody else.
  return changeAt(call, at, change, () =>
    (uid === 0 || uid === 0xffffffff) && (gid === 0 || gid === 0xffffffff) ? 0 : errno.EPERM,
  );
}

function fchownat(call: SystemCallContext): number {
  const flags = uint(call.args[4]);
  if ((flags & ~(atFlag.symlinkNoFollow | atFlag.emptyPath)) !== 0) return errno.EINVAL;
  const target = targetAt(call, int(call.args[0]), call.args[1], flags);
  return typeof target === 'number'
    ? target
    : changeOwner(call, target.at, uint(call.args[2]), uint(call.args[3]));
}

const now = 0x3fffffffn;
const omit = 0x3ffffffen;

/** The two times of utimensat: nanoseconds, or undefined to leave one as it is. */
function timesIn(call: SystemCallContext): readonly [bigint | undefined, bigint | undefined] | number {
  const address = size(call.args[2]);
  if (address === 0) return [call.realtime, call.realtime];
  const view = viewIn(call.memory, address, 32);
  if (typeof view === 'number') return view;
  const time = (at: number): bigint | undefined | number => {
    const nanoseconds = view.getBigInt64(at + 8, true);
    if (nanoseconds === now) return call.realtime;
    if (nanoseconds === omit) return undefined;
    if (nanoseconds < 0n || nanoseconds > 999_999_999n) return errno.EINVAL;
    return view.getBigInt64(at, true) * 1_000_000_000n + nanoseconds;
  };
  const [accessed, modified] = [time(0), time(16)];
  if (typeof accessed === 'number') return accessed;
  return typeof modified === 'number' ? modified : [accessed, modified];
}

function utimensat(call: SystemCallContext): number {
  const flags = uint(call.args[3]);
  if ((flags & ~(atFlag.symlinkNoFollow | atFlag.emptyPath)) !== 0) return errno.EINVAL;
  const times = timesIn(call);
  if (typeof times === 'number') return times;
  const [accessed, modified] = times;
  // A null path means the descriptor itself (futimens).
  const own = call.args[1] === 0n ? atFlag.emptyPath : 0;
  if (own !== 0 && int(call.args[0]) === atFlag.currentDirectory) return errno.EFAULT;
  const target = targetAt(call, int(call.args[0]), call.args[1], flags | own);
  if (typeof target === 'number') return target;
  const change: Change = (inode) => {
    inode.accessed = accessed ?? inode.accessed;
    inode.modified = modified ?? inode.modified;
  };
  return changeAt(call, target.at, change, (place) => {
    if (modified === undefined) return 0;
    const reply = ask(call.host, {
      call: 'setTimes',
      at: hostPath(place),
      mtimeMs: Number(modified / 1000n) / 1000,
    });
    return typeof reply === 'number' ? reply : 0;
  });
}

function ftruncate(call: SystemCallContext): number {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  const length = long(call.args[1]);
  const { resize } = operationsOf(file);
  if (length < 0 || resize === undefined || !isWritable(file)) return errno.EINVAL;
  return resize(call, file, length);
}

function truncate(call: SystemCallContext): number {
  const length = long(call.args[1]);
  if (length < 0) return errno.EINVAL;
  const found = resolveAt(call, atFlag.currentDirectory, call.args[0], { followLast: true });
  if (typeof found === 'number') return found;
  if (found.entry === undefined) return errno.ENOENT;
  const { at, kind } = found.entry;
  if (kind === 'directory') return errno.EISDIR;
  if (at.kind === 'host') {
    const refused = refusesChange(call, at);
    if (refused !== 0) return refused;
    const opened = ask(call.host, {
      call: 'open',
      at: hostPath(at),
      write: true,
      create: false,
      exclusive: false,
      truncate: false,
      mode: 0,
    });
    if (typeof opened === 'number') return opened;
    const reply = ask(call.host, { call: 'truncate', handle: opened.value ?? -1, size: length });
    call.host.perform({ call: 'close', handle: opened.value ?? -1 });
    return typeof reply === 'number' ? reply : 0;
  }
  const inode = memoryFile(call, at);
  if (inode === undefined) return errno.EINVAL;
  inode.modified = inode.changed = call.realtime;
  return resizeContent(call.fileSystem, inode, length);
}

const fallocateFlag = { keepSize: 1, punchHole: 2, zeroRange: 16 } as const;

function fallocate(call: SystemCallContext): number {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  if (!isWritable(file)) return errno.EBADF;
  const [mode, offset, length] = [int(call.args[1]), long(call.args[2]), long(call.args[3])];
  if (offset < 0 || length <= 0) return errno.EINVAL;
  if (file.object.kind === 'pipe' || file.object.kind === 'stream') return errno.ESPIPE;
  if (file.object.kind === 'host') return errno.EOPNOTSUPP;
  if (file.object.kind !== 'file') return errno.ENODEV;
  if ((mode & ~(fallocateFlag.keepSize | fallocateFlag.punchHole | fallocateFlag.zeroRange)) !== 0)
    return errno.EOPNOTSUPP;
  const hole = (mode & fallocateFlag.punchHole) !== 0;
  if (hole && (mode & fallocateFlag.keepSize) === 0) return errno.EOPNOTSUPP;
  const inode = fileInode(call.fileSystem, file.object.inode);
  const end = offset + length;
  if (end > Number.MAX_SAFE_INTEGER) return errno.EFBIG;
  if ((inode.seals ?? 0) !== 0 && ((inode.seals ?? 0) & 24) !== 0 && mode !== 0) return errno.EPERM;
  if (!hole && length > contentLimit - call.fileSystem.state.held) return errno.ENOSPC;
  inode.modified = inode.changed = call.realtime;
  if (hole || (mode & fallocateFlag.zeroRange) !== 0) punchHole(call.fileSystem, inode, offset, end);
  if ((mode & fallocateFlag.keepSize) === 0 && end > inode.size)
    return resizeContent(call.fileSystem, inode, end);
  return 0;
}

/** fsync and its like: what the guest wrote is where it will ever be; only the descriptor can be wrong. */
function sync(call: SystemCallContext): number {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  const stored = operationsOf(file).seekable === true;
  return stored ? 0 : errno.EINVAL;
}

/** posix_fadvise(2): advice changes nothing here. */
function advise(call: SystemCallContext): number {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  if (file.object.kind === 'pipe') return errno.ESPIPE;
  return uint(call.args[3]) > 5 || long(call.args[2]) < 0 ? errno.EINVAL : 0;
}

const onFile =
  (act: (call: SystemCallContext, at: Location | undefined) => number): SystemCallHandler =>
  (call) => {
    const file = namedFile(call);
    return typeof file === 'number' ? file : act(call, placeOfFile(file));
  };

export const attributeCalls: Readonly<Record<string, SystemCallHandler>> = {
  fchmod: onFile((call, at) => changeMode(call, at, uint(call.args[1]))),
  fchmodat: (call) => chmodAt(call, 0),
  fchmodat2: (call) => chmodAt(call, uint(call.args[3])),
  fchown: onFile((call, at) => changeOwner(call, at, uint(call.args[1]), uint(call.args[2]))),
  fchownat,
  utimensat,
  truncate,
  ftruncate,
  fallocate,
  fsync: sync,
  fdatasync: sync,
  sync_file_range: sync,
  syncfs: (call) => {
    const file = namedFile(call);
    return typeof file === 'number' ? file : 0;
  },
  sync: () => 0,
  fadvise64: advise,
};

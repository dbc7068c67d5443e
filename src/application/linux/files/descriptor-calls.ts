/** close, dup, fcntl, ioctl, pipe2, eventfd2, flock, umask. fcntl(2), ioctl(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { closeDescriptor } from './descriptors.ts';
import { seal } from './file-content.ts';
import { addOpenFile } from './file-system.ts';
import type { OpenFile, OpenObject } from './file-system-state.ts';
import { lockFile, lockRange } from './lock-calls.ts';
import { openFlag } from './modes.ts';
import { bind, fileOf, freeDescriptor } from './open-files.ts';
import { operationsOf } from './operations.ts';
import { addPipe, joinPipe, pipeAt, queuedBytes } from './pipe.ts';
import { fileInode } from './stored-files.ts';
import { copyIn, copyOut, int, size, uint } from './user-memory.ts';

const namedFile = (call: SystemCallContext): OpenFile | number =>
  fileOf(call.fileSystem, call.files.table, int(call.args[0]));

function closeRange(call: SystemCallContext): number {
  const [first, last, flags] = [uint(call.args[0]), uint(call.args[1]), uint(call.args[2])];
  if (first > last || (flags & ~6) !== 0) return errno.EINVAL;
  const { descriptors } = call.files.table;
  for (const [fd, descriptor] of [...descriptors]) {
    if (fd < first || fd > last) continue;
    if ((flags & 4) !== 0) descriptors.set(fd, { ...descriptor, closeOnExec: true });
    else closeDescriptor(call, call.files.table, fd);
  }
  return 0;
}

function duplicate(call: SystemCallContext, from: number, closeOnExec: boolean): number {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  const fd = freeDescriptor(call.files.table, from);
  if (fd >= 0) bind(call.files.table, fd, file, closeOnExec);
  return fd;
}

function dup3(call: SystemCallContext): number {
  const [from, to, flags] = [int(call.args[0]), int(call.args[1]), uint(call.args[2])];
  if ((flags & ~openFlag.closeOnExec) !== 0 || from === to) return errno.EINVAL;
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  if (to < 0 || to >= call.files.table.limit) return errno.EBADF;
  // The new reference first: closing `to` may otherwise drop the file's last.
  file.references++;
  closeDescriptor(call, call.files.table, to);
  bind(call.files.table, to, file, (flags & openFlag.closeOnExec) !== 0);
  file.references--;
  return to;
}

const settable =
  openFlag.append | openFlag.nonBlock | openFlag.direct | openFlag.noAccessTime | openFlag.async;
const command = {
  dupFd: 0,
  getFd: 1,
  setFd: 2,
  getFlags: 3,
  setFlags: 4,
  getLock: 5,
  setLock: 6,
  setLockWait: 7,
  setOwner: 8,
  getOwner: 9,
  ofdGetLock: 36,
  ofdSetLock: 37,
  ofdSetLockWait: 38,
  dupFdCloseOnExec: 1030,
  setPipeSize: 1031,
  getPipeSize: 1032,
  addSeals: 1033,
  getSeals: 1034,
} as const;

function fcntl(call: SystemCallContext): SystemCallOutcome {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  const fd = int(call.args[0]);
  const descriptor = call.files.table.descriptors.get(fd)!;
  const what = int(call.args[1]);
  const argument = int(call.args[2]);
  const onPath: readonly number[] = [
    command.dupFd,
    command.dupFdCloseOnExec,
    command.getFd,
    command.setFd,
    command.getFlags,
  ];
  if ((file.flags & openFlag.path) !== 0 && !onPath.includes(what)) return errno.EBADF;
  switch (what) {
    case command.dupFd:
    case command.dupFdCloseOnExec:
      if (argument < 0 || argument >= call.files.table.limit) return errno.EINVAL;
      return duplicate(call, argument, what === command.dupFdCloseOnExec);
    case command.getFd:
      return descriptor.closeOnExec ? 1 : 0;
    case command.setFd:
      descriptor.closeOnExec = (argument & 1) !== 0;
      return 0;
    case command.getFlags:
      // A 64-bit kernel opens everything with O_LARGEFILE, and says so only where the caller did.
      return file.flags;
    case command.setFlags:
      file.flags = (file.flags & ~settable) | (argument & settable);
      return 0;
    case command.getLock:
    case command.setLock:
    case command.setLockWait:
    case command.ofdGetLock:
    case command.ofdSetLock:
    case command.ofdSetLockWait:
      return lockRange(call, file, what);
    case command.setOwner:
      return 0;
    case command.getOwner:
      return 0;
    case command.getPipeSize:
    case command.setPipeSize:
      return pipeSize(call, file, what === command.setPipeSize ? uint(call.args[2]) : undefined);
    case command.getSeals:
    case command.addSeals:
      return seals(call, file, what === command.addSeals ? argument : undefined);
    default:
      return errno.EINVAL;
  }
}

function pipeSize(call: SystemCallContext, file: OpenFile, wanted: number | undefined): number {
  if (file.object.kind !== 'pipe') return errno.EBADF;
  const pipe = pipeAt(call.fileSystem, file.object.pipe);
  if (wanted === undefined) return pipe.capacity;
  if (wanted > 2 ** 31) return errno.EINVAL;
  if (wanted > 2 ** 20) return errno.EPERM;
  const capacity = Math.max(4096, 2 ** Math.ceil(Math.log2(Math.max(wanted, 1))));
  if (pipe.slots.length * 4096 > capacity || queuedBytes(pipe) > capacity) return errno.EBUSY;
  pipe.capacity = capacity;
  call.changed();
  return capacity;
}

function seals(call: SystemCallContext, file: OpenFile, added: number | undefined): number {
  if (file.object.kind !== 'file') return errno.EINVAL;
  const inode = fileInode(call.fileSystem, file.object.inode);
  if (inode.seals === undefined) return errno.EINVAL;
  if (added === undefined) return inode.seals;
  if ((added & ~31) !== 0) return errno.EINVAL;
  if ((file.flags & openFlag.accessMode) === openFlag.readOnly || (inode.seals & seal.seal) !== 0)
    return errno.EPERM;
  inode.seals |= added;
  return 0;
}

const request = {
  getWindow: 0x5413,
  available: 0x541b,
  nonBlock: 0x5421,
  closeOnExec: 0x5451,
  noCloseOnExec: 0x5450,
  getTerminal: 0x5401,
} as const;

function ioctl(call: SystemCallContext): SystemCallOutcome {
  const file = namedFile(call);
  if (typeof file === 'number') return file;
  if ((file.flags & openFlag.path) !== 0) return errno.EBADF;
  const descriptor = call.files.table.descriptors.get(int(call.args[0]))!;
  switch (uint(call.args[1])) {
    case request.closeOnExec:
    case request.noCloseOnExec:
      descriptor.closeOnExec = uint(call.args[1]) === request.closeOnExec;
      return 0;
    case request.nonBlock: {
      const on = copyIn(call.memory, size(call.args[2]), 4);
      if (typeof on === 'number') return on;
      file.flags = on.some((byte) => byte !== 0)
        ? file.flags | openFlag.nonBlock
        : file.flags & ~openFlag.nonBlock;
      return 0;
    }
    case request.available: {
      const available = operationsOf(file).available?.(call, file);
      if (available === undefined || file.object.kind === 'directory') return errno.ENOTTY;
      return copyOut(
        call.memory,
        size(call.args[2]),
        new Uint8Array(Int32Array.of(Math.min(available, 0x7fffffff)).buffer),
      );
    }
    default:
      // TCGETS, TIOCGWINSZ and all others: no file of the guest is a terminal or takes other requests.
      return errno.ENOTTY;
  }
}

/** Two descriptors for two files, written to memory as an int[2]; nothing is left behind on a failure. */
export function installPair(
  call: SystemCallContext,
  address: bigint | undefined,
  make: () => readonly [OpenFile, OpenFile],
  closeOnExec: boolean,
): number {
  const first = freeDescriptor(call.files.table);
  if (first < 0) return first;
  const second = freeDescriptor(call.files.table, first + 1);
  if (second < 0) return second;
  const result = copyOut(call.memory, size(address), new Uint8Array(Int32Array.of(first, second).buffer));
  if (result < 0) return result;
  const [left, right] = make();
  bind(call.files.table, first, left, closeOnExec);
  bind(call.files.table, second, right, closeOnExec);
  return 0;
}

function pipe2(call: SystemCallContext): number {
  const flags = uint(call.args[1]);
  if ((flags & ~(openFlag.closeOnExec | openFlag.nonBlock | openFlag.direct)) !== 0) return errno.EINVAL;
  // Packet mode is refused: a pipe here keeps no packet borders.
  if ((flags & openFlag.direct) !== 0) return errno.EINVAL;
  const status = flags & openFlag.nonBlock;
  const make = (): readonly [OpenFile, OpenFile] => {
    const pipe = addPipe(call.fileSystem);
    const object = { kind: 'pipe', pipe: pipe.number, inode: undefined } as const;
    const ends = [
      addOpenFile(call.fileSystem, { ...object }, openFlag.readOnly | status),
      addOpenFile(call.fileSystem, { ...object }, openFlag.writeOnly | status),
    ] as const;
    for (const end of ends) joinPipe(pipe, end);
    return ends;
  };
  return installPair(call, call.args[0], make, (flags & openFlag.closeOnExec) !== 0);
}

/** A descriptor for a new open file that reads and writes. */
export function installObject(call: SystemCallContext, object: OpenObject, flags: number): number {
  const fd = freeDescriptor(call.files.table);
  if (fd < 0) return fd;
  const file = addOpenFile(call.fileSystem, object, openFlag.readWrite | (flags & openFlag.nonBlock));
  bind(call.files.table, fd, file, (flags & openFlag.closeOnExec) !== 0);
  return fd;
}

function eventfd2(call: SystemCallContext): number {
  const flags = uint(call.args[1]);
  if ((flags & ~(1 | openFlag.closeOnExec | openFlag.nonBlock)) !== 0) return errno.EINVAL;
  const count = BigInt(uint(call.args[0]));
  return installObject(
    call,
    { kind: 'eventfd', count, semaphore: (flags & 1) !== 0, inEdges: 0, outEdges: 0 },
    flags,
  );
}

export const descriptorCalls: Readonly<Record<string, SystemCallHandler>> = {
  close: (call) => closeDescriptor(call, call.files.table, int(call.args[0])),
  close_range: closeRange,
  dup: (call) => duplicate(call, 0, false),
  dup3,
  fcntl,
  ioctl,
  flock: lockFile,
  pipe2,
  eventfd2,
  umask(call) {
    const before = call.files.umask;
    call.files.umask = uint(call.args[0]) & 0o777;
    return before;
  },
};

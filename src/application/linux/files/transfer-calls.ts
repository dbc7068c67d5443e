/** read, write and their vector and positioned forms. readv(2), pread(2). */
import { permission } from '../../ports/guest-memory.ts';
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { seekContent } from './file-content.ts';
import type { OpenFile } from './file-system-state.ts';
import { openFlag, transferLimit } from './modes.ts';
import { fileOf, isNonBlocking, isReadable, isWritable } from './open-files.ts';
import { operationsOf } from './operations.ts';
import { fileInode } from './stored-files.ts';
import {
  type Segment,
  gather,
  int,
  long,
  reachable,
  scatter,
  segmentsIn,
  size,
  slice,
  totalLength,
} from './user-memory.ts';

/** Bytes moved at a time. */
export const pieceSize = 2 ** 20;

export function readInto(
  call: SystemCallContext,
  file: OpenFile,
  segments: readonly Segment[],
  position: number | undefined,
): SystemCallOutcome {
  const operations = operationsOf(file);
  if (!isReadable(file)) return errno.EBADF;
  if (operations.read === undefined) return errno.EINVAL;
  if (position !== undefined && operations.seekable !== true) return errno.ESPIPE;
  const total = totalLength(segments);
  let done = 0;
  do {
    const asked = slice(segments, done, pieceSize);
    const piece = slice(asked, 0, reachable(call.memory, asked, permission.write));
    if (piece.length === 0 && asked.length > 0) return done > 0 ? done : errno.EFAULT;
    const result = operations.read(
      call,
      file,
      totalLength(piece),
      (position ?? file.offset) + (position === undefined ? 0 : done),
    );
    if (!(result instanceof Uint8Array)) return done > 0 ? done : result;
    scatter(call.memory, piece, result);
    done += result.length;
    if (operations.seekable === true && position === undefined) file.offset += result.length;
    if (result.length < totalLength(piece)) break;
  } while (done < total && (operations.seekable === true || file.object.kind === 'device'));
  return done;
}

export function writeFrom(
  call: SystemCallContext,
  file: OpenFile,
  segments: readonly Segment[],
  position: number | undefined,
): SystemCallOutcome {
  const operations = operationsOf(file);
  if (!isWritable(file)) return errno.EBADF;
  if (operations.write === undefined) return errno.EINVAL;
  if (position !== undefined && operations.seekable !== true) return errno.ESPIPE;
  const total = totalLength(segments);
  let done = call.attempt.progress;
  do {
    const asked = slice(segments, done, pieceSize);
    const bytes = gather(call.memory, slice(asked, 0, reachable(call.memory, asked, permission.read)));
    if (typeof bytes === 'number') return done > 0 ? done : bytes;
    if (bytes.length === 0 && asked.length > 0) return done > 0 ? done : errno.EFAULT;
    let offset = position === undefined ? file.offset : position + done;
    if ((file.flags & openFlag.append) !== 0 && operations.end !== undefined) {
      const end = operations.end(call, file);
      if (end < 0) return done > 0 ? done : end;
      offset = end;
    }
    const result = operations.write(call, file, bytes, offset);
    if (typeof result !== 'number') {
      call.attempt.progress = done;
      return result;
    }
    if (result < 0) return done > 0 ? done : result;
    done += result;
    if (operations.seekable === true && position === undefined) file.offset = offset + result;
    if (result < bytes.length && (operations.writesAll !== true || isNonBlocking(file))) break;
  } while (done < total);
  return done;
}

type Move = typeof readInto;

/** No buffer is longer than the address space: Linux finds that out right after the access mode. */
const outsized = (file: OpenFile, move: Move): number =>
  (move === readInto ? isReadable(file) : isWritable(file)) ? errno.EFAULT : errno.EBADF;

const plain =
  (move: Move): SystemCallHandler =>
  (call) => {
    const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
    if (typeof file === 'number') return file;
    const segments = [{ address: size(call.args[1]), length: Math.min(size(call.args[2]), transferLimit) }];
    if (long(call.args[2]) < 0) return outsized(file, move);
    return move(call, file, segments, undefined);
  };

const positioned =
  (move: Move): SystemCallHandler =>
  (call) => {
    const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
    const position = long(call.args[3]);
    if (position < 0) return errno.EINVAL;
    if (typeof file === 'number') return file;
    if (long(call.args[2]) < 0) return outsized(file, move);
    return move(
      call,
      file,
      [{ address: size(call.args[1]), length: Math.min(size(call.args[2]), transferLimit) }],
      position,
    );
  };

/** `where`: the argument that holds the position, `flags`: the one that holds RWF_* bits. */
const vector =
  (move: Move, where?: number, flags?: number): SystemCallHandler =>
  (call) => {
    const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
    if (typeof file === 'number') return file;
    // Of RWF_*, only those that ask for nothing this kernel does not do anyway: HIPRI, DSYNC, SYNC.
    if (flags !== undefined && (int(call.args[flags]) & ~7) !== 0) return errno.EOPNOTSUPP;
    const segments = segmentsIn(call.memory, call.args[1], call.args[2]);
    if (typeof segments === 'number') return segments;
    const position = where === undefined ? undefined : long(call.args[where]);
    if (position !== undefined && position < 0 && !(flags !== undefined && position === -1))
      return errno.EINVAL;
    return move(call, file, segments, position === -1 ? undefined : position);
  };

/** Files whose lseek succeeds and does nothing (noop_llseek, null_lseek). */
const unmoved: readonly string[] = ['device', 'eventfd', 'timerfd', 'epoll'];

function seek(call: SystemCallContext): number {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof file === 'number' || (file.flags & openFlag.path) !== 0) return errno.EBADF;
  const operations = operationsOf(file);
  if (unmoved.includes(file.object.kind)) return 0;
  if (operations.seekable !== true) return errno.ESPIPE;
  const offset = long(call.args[1]);
  const whence = int(call.args[2]);
  const target = seekTarget(call, file, offset, whence);
  if (target < 0 || target > Number.MAX_SAFE_INTEGER) return target < 0 && whence > 2 ? target : errno.EINVAL;
  file.offset = target;
  if (file.object.kind === 'directory' && target === 0) file.object.listing = undefined;
  return target;
}

function seekTarget(call: SystemCallContext, file: OpenFile, offset: number, whence: number): number {
  const end = (): number => operationsOf(file).end?.(call, file) ?? 0;
  if (whence === 0) return offset;
  if (whence === 1) return file.offset + offset;
  if (whence === 2) return end() + offset;
  if (whence !== 3 && whence !== 4) return errno.EINVAL;
  const { object } = file;
  if (object.kind === 'file') {
    const inode = fileInode(call.fileSystem, object.inode);
    return seekContent(inode, offset, whence === 3);
  }
  if (offset < 0 || offset >= end()) return errno.ENXIO;
  return whence === 3 ? offset : end();
}

export const transferCalls: Readonly<Record<string, SystemCallHandler>> = {
  read: plain(readInto),
  write: plain(writeFrom),
  pread64: positioned(readInto),
  pwrite64: positioned(writeFrom),
  readv: vector(readInto),
  writev: vector(writeFrom),
  preadv: vector(readInto, 3),
  pwritev: vector(writeFrom, 3),
  preadv2: vector(readInto, 3, 5),
  pwritev2: vector(writeFrom, 3, 5),
  lseek: seek,
};

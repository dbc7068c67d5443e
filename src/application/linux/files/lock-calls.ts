/** fcntl's record locks and flock. fcntl_locking(2), flock(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallOutcome } from '../system-call.ts';
import type { OpenFile, RangeLock } from './file-system-state.ts';
import { conflict, lockKey, setLocks, without } from './locks.ts';
import { openFlag } from './modes.ts';
import { fileOf, isReadable, isWritable } from './open-files.ts';
import { operationsOf } from './operations.ts';
import { copyOut, int, size, viewIn } from './user-memory.ts';

const lockType = { read: 0, write: 1, unlock: 2 } as const;

/** struct flock: type, whence (shorts), start, length (64 bits), pid. */
export function lockRange(call: SystemCallContext, file: OpenFile, command: number): SystemCallOutcome {
  const address = size(call.args[2]);
  const view = viewIn(call.memory, address, 32);
  if (typeof view === 'number') return view;
  const openFileLock = command >= 36;
  if (openFileLock && view.getInt32(24, true) !== 0) return errno.EINVAL;
  const [type, whence] = [view.getInt16(0, true), view.getInt16(2, true)];
  const base =
    whence === 0
      ? 0
      : whence === 1
        ? file.offset
        : whence === 2
          ? (operationsOf(file).end?.(call, file) ?? 0)
          : NaN;
  const length = Number(view.getBigInt64(16, true));
  const from = base + Number(view.getBigInt64(8, true));
  const start = length < 0 ? from + length : from;
  const end = length === 0 ? Infinity : length < 0 ? from : from + length;
  if (Number.isNaN(start) || start < 0 || (type !== 0 && type !== 1 && type !== 2)) return errno.EINVAL;
  const name = lockKey(file);
  if (name === undefined) return errno.EINVAL;
  const key = `range:${name}`;
  const held = call.fileSystem.state.locks.get(key) ?? [];
  const owner = openFileLock ? `file:${String(file.number)}` : `process:${String(call.pid)}`;
  const wanted: RangeLock = {
    owner,
    pid: openFileLock ? -1 : call.pid,
    exclusive: type === lockType.write,
    start,
    end,
  };
  const inTheWay = type === lockType.unlock ? undefined : conflict(held, wanted);
  if (command === 5 || command === 36) {
    if (type === lockType.unlock) return errno.EINVAL;
    if (inTheWay === undefined) view.setInt16(0, lockType.unlock, true);
    else {
      view.setInt16(0, inTheWay.exclusive ? lockType.write : lockType.read, true);
      view.setInt16(2, 0, true);
      view.setBigInt64(8, BigInt(inTheWay.start), true);
      view.setBigInt64(16, inTheWay.end === Infinity ? 0n : BigInt(inTheWay.end - inTheWay.start), true);
      view.setInt32(24, inTheWay.pid, true);
    }
    return copyOut(call.memory, address, new Uint8Array(view.buffer, view.byteOffset, 32));
  }
  if (type === lockType.read && !isReadable(file)) return errno.EBADF;
  if (type === lockType.write && !isWritable(file)) return errno.EBADF;
  if (inTheWay !== undefined) return command === 7 || command === 38 ? { wait: 'file lock' } : errno.EAGAIN;
  const left = without(held, owner, start, end);
  setLocks(call, key, type === lockType.unlock ? left : [...left, wanted]);
  call.changed();
  return 0;
}

export function lockFile(call: SystemCallContext): SystemCallOutcome {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof file === 'number' || (file.flags & openFlag.path) !== 0) return errno.EBADF;
  const operation = int(call.args[1]);
  const kind = operation & ~4;
  if (kind !== 1 && kind !== 2 && kind !== 8) return errno.EINVAL;
  const name = lockKey(file);
  if (name === undefined) return errno.EBADF;
  const key = `whole:${name}`;
  const owner = `file:${String(file.number)}`;
  const held = without(call.fileSystem.state.locks.get(key) ?? [], owner, 0, Infinity);
  const wanted: RangeLock = { owner, pid: call.pid, exclusive: kind === 2, start: 0, end: Infinity };
  if (kind !== 8 && conflict(held, wanted) !== undefined)
    return (operation & 4) !== 0 ? errno.EAGAIN : { wait: 'flock' };
  setLocks(call, key, kind === 8 ? held : [...held, wanted]);
  call.changed();
  return 0;
}

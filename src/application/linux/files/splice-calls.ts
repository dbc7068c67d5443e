/** sendfile, splice, tee, copy_file_range: moves bytes between files without guest memory. */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import type { OpenFile, Pipe } from './file-system-state.ts';
import { openFlag, transferLimit } from './modes.ts';
import { fileOf, isNonBlocking, isReadable, isWritable } from './open-files.ts';
import { operationsOf } from './operations.ts';
import { pipeAt, putBytes, queuedBytes, takeBytes } from './pipe.ts';
import { readInto, writeFrom } from './transfer-calls.ts';
import { copyOut, int, long, size, viewIn, uint, segmentsIn } from './user-memory.ts';

const pieceSize = 65536;

/** An offset argument: undefined for a null pointer (the file's own offset is used and moved). */
function offsetIn(
  call: SystemCallContext,
  address: bigint | undefined,
): number | undefined | { readonly error: number } {
  if (address === undefined || address === 0n) return undefined;
  const view = viewIn(call.memory, size(address), 8);
  if (typeof view === 'number') return { error: view };
  const offset = Number(view.getBigInt64(0, true));
  return offset < 0 ? { error: errno.EINVAL } : offset;
}

const putOffset = (call: SystemCallContext, address: bigint | undefined, offset: number): number =>
  copyOut(call.memory, size(address), new Uint8Array(BigInt64Array.of(BigInt(offset)).buffer));

interface End {
  readonly file: OpenFile;
  readonly address: bigint | undefined;
}

const pipeOf = (call: SystemCallContext, file: OpenFile): Pipe | undefined =>
  file.object.kind === 'pipe' ? pipeAt(call.fileSystem, file.object.pipe) : undefined;

/** Moves up to `length` bytes; what one end cannot take is not taken from the other. */
function move(
  call: SystemCallContext,
  from: End,
  to: End,
  length: number,
  nonBlocking: boolean,
): SystemCallOutcome {
  const [source, target] = [operationsOf(from.file), operationsOf(to.file)];
  if (!isReadable(from.file) || !isWritable(to.file)) return errno.EBADF;
  if (source.read === undefined || target.write === undefined) return errno.EINVAL;
  const [start, place] = [offsetIn(call, from.address), offsetIn(call, to.address)];
  if (typeof start === 'object') return start.error;
  if (typeof place === 'object') return place.error;
  if ((start !== undefined && source.seekable !== true) || (place !== undefined && target.seekable !== true))
    return errno.ESPIPE;
  let done = call.attempt.progress;
  let result: SystemCallOutcome = 0;
  while (done < length) {
    const room = roomIn(call, to.file, Math.min(length - done, pieceSize));
    const bytes =
      room === 0
        ? { wait: 'room to send' }
        : source.read(call, from.file, room, start === undefined ? from.file.offset : start + done);
    if (!(bytes instanceof Uint8Array)) {
      result = typeof bytes === 'object' && (nonBlocking || done > 0) ? errno.EAGAIN : bytes;
      break;
    }
    if (bytes.length === 0) break;
    const written = target.write(call, to.file, bytes, place === undefined ? to.file.offset : place + done);
    const taken = typeof written === 'number' && written > 0 ? written : 0;
    giveBack(call, from.file, bytes.subarray(taken));
    if (start === undefined && source.seekable === true) from.file.offset += taken;
    if (place === undefined && target.seekable === true) to.file.offset += taken;
    done += taken;
    if (taken < bytes.length) {
      result = written;
      break;
    }
    // As splice does: one round from a pipe or socket, however little it held.
    if (source.seekable !== true) break;
  }
  if (done === 0) return result;
  if (start !== undefined) putOffset(call, from.address, start + done);
  if (place !== undefined) putOffset(call, to.address, place + done);
  return done;
}

function roomIn(call: SystemCallContext, file: OpenFile, wanted: number): number {
  const pipe = pipeOf(call, file);
  if (pipe === undefined || pipe.readers === 0) return wanted;
  return Math.min(wanted, (pipe.capacity / 4096 - pipe.slots.length) * 4096);
}

/** Puts bytes that found no taker back in front of the pipe that they came from. */
function giveBack(call: SystemCallContext, file: OpenFile, bytes: Uint8Array): void {
  const pipe = bytes.length === 0 ? undefined : pipeOf(call, file);
  pipe?.slots.unshift({ bytes: bytes.slice() });
}

const fileAt = (call: SystemCallContext, index: number): OpenFile | number =>
  fileOf(call.fileSystem, call.files.table, int(call.args[index]));

function sendfile(call: SystemCallContext): SystemCallOutcome {
  const [to, from] = [fileAt(call, 0), fileAt(call, 1)];
  if (typeof to === 'number') return to;
  if (typeof from === 'number') return from;
  if ((to.flags & openFlag.append) !== 0 || operationsOf(from).seekable !== true) return errno.EINVAL;
  const length = Math.min(size(call.args[3]), transferLimit);
  return move(
    call,
    { file: from, address: call.args[2] },
    { file: to, address: undefined },
    length,
    isNonBlocking(to),
  );
}

function splice(call: SystemCallContext): SystemCallOutcome {
  const [from, to] = [fileAt(call, 0), fileAt(call, 2)];
  if (typeof from === 'number') return from;
  if (typeof to === 'number') return to;
  const flags = uint(call.args[5]);
  if ((flags & ~15) !== 0) return errno.EINVAL;
  const [source, target] = [pipeOf(call, from), pipeOf(call, to)];
  if (source === undefined && target === undefined) return errno.EINVAL;
  if (source !== undefined && source === target) return errno.EINVAL;
  if ((source !== undefined && call.args[1] !== 0n) || (target !== undefined && call.args[3] !== 0n))
    return errno.ESPIPE;
  if (target === undefined && (to.flags & openFlag.append) !== 0) return errno.EINVAL;
  const nonBlocking =
    (flags & 2) !== 0 ||
    (isNonBlocking(from) && source !== undefined) ||
    (isNonBlocking(to) && target !== undefined);
  const length = Math.min(size(call.args[4]), transferLimit);
  return move(
    call,
    { file: from, address: call.args[1] },
    { file: to, address: call.args[3] },
    length,
    nonBlocking,
  );
}

function tee(call: SystemCallContext): SystemCallOutcome {
  const [from, to] = [fileAt(call, 0), fileAt(call, 1)];
  if (typeof from === 'number') return from;
  if (typeof to === 'number') return to;
  const [source, target] = [pipeOf(call, from), pipeOf(call, to)];
  if (source === undefined || target === undefined || source === target) return errno.EINVAL;
  if (!isReadable(from) || !isWritable(to)) return errno.EBADF;
  const nonBlocking = (uint(call.args[3]) & 2) !== 0;
  const length = Math.min(size(call.args[2]), queuedBytes(source), roomIn(call, to, transferLimit));
  if (length === 0) {
    if (size(call.args[2]) === 0 || (source.slots.length === 0 && source.writers === 0)) return 0;
    return nonBlocking ? errno.EAGAIN : { wait: 'tee' };
  }
  const slots = source.slots.map((slot) => ({ ...slot }));
  const taken = putBytes(target, takeBytes({ ...source, slots }, length));
  call.changed();
  return taken;
}

/** To or from a pipe by its direction; pages are copied, which vmsplice(2) allows. */
function vmsplice(call: SystemCallContext): SystemCallOutcome {
  const file = fileAt(call, 0);
  if (typeof file === 'number') return file;
  if ((uint(call.args[3]) & ~15) !== 0) return errno.EINVAL;
  if (file.object.kind !== 'pipe') return errno.EBADF;
  const segments = segmentsIn(call.memory, call.args[1], call.args[2]);
  if (typeof segments === 'number') return segments;
  if (segments.length === 0) return 0;
  return (isWritable(file) ? writeFrom : readInto)(call, file, segments, undefined);
}

function copyFileRange(call: SystemCallContext): SystemCallOutcome {
  const [from, to] = [fileAt(call, 0), fileAt(call, 2)];
  if (typeof from === 'number') return from;
  if (typeof to === 'number') return to;
  if (uint(call.args[5]) !== 0 || long(call.args[4]) < 0) return errno.EINVAL;
  const stored = (file: OpenFile): boolean => file.object.kind === 'file' || file.object.kind === 'host';
  if (from.object.kind === 'directory' || to.object.kind === 'directory') return errno.EISDIR;
  if (!stored(from) || !stored(to)) return errno.EINVAL;
  if ((to.flags & openFlag.append) !== 0) return errno.EBADF;
  const length = Math.min(size(call.args[4]), transferLimit);
  if (overlaps(call, from, to, length)) return errno.EINVAL;
  return move(call, { file: from, address: call.args[1] }, { file: to, address: call.args[3] }, length, true);
}

function overlaps(call: SystemCallContext, from: OpenFile, to: OpenFile, length: number): boolean {
  if (from.object.kind !== 'file' || to.object.kind !== 'file' || from.object.inode !== to.object.inode)
    return false;
  const [start, place] = [
    offsetIn(call, call.args[1]) ?? from.offset,
    offsetIn(call, call.args[3]) ?? to.offset,
  ];
  return typeof start === 'number' && typeof place === 'number' && Math.abs(start - place) < length;
}

export const spliceCalls: Readonly<Record<string, SystemCallHandler>> = {
  sendfile,
  splice,
  tee,
  vmsplice,
  copy_file_range: copyFileRange,
};

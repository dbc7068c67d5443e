/** sendto, recvfrom, sendmsg, recvmsg, with SCM_RIGHTS and SCM_CREDENTIALS. send(2), recv(2), unix(7). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { releaseFile } from './descriptors.ts';
import type { OpenFile, Socket, SocketMessage } from './file-system-state.ts';
import { bind, fileOf, freeDescriptor, isNonBlocking } from './open-files.ts';
import { deliver, peerOf, receive } from './socket.ts';
import { addressIn, addressOut, senderBytes } from './socket-address.ts';
import { socketNamed, socketOf } from './socket-calls.ts';
import {
  type Segment,
  canWrite,
  copyOut,
  gather,
  int,
  scatter,
  segmentsIn,
  size,
  slice,
  totalLength,
  uint,
  viewIn,
} from './user-memory.ts';

const messageFlag = {
  outOfBand: 1,
  peek: 2,
  controlCut: 8,
  cut: 0x20,
  dontWait: 0x40,
  waitAll: 0x100,
  noSignal: 0x4000,
  closeOnExec: 0x40000000,
} as const;
const rights = 1;
const credentials = 2;
const pieceSize = 2 ** 20;
const filesLimit = 253;

interface Header {
  readonly name: bigint;
  readonly nameLength: number;
  readonly segments: readonly Segment[];
  readonly control: number;
  readonly controlLength: number;
}

/** struct msghdr: name, namelen, iov, iovlen, control, controllen, flags; 56 bytes. */
function headerIn(call: SystemCallContext, address: number): Header | number {
  const view = viewIn(call.memory, address, 56);
  if (typeof view === 'number') return view;
  const count = view.getBigUint64(24, true);
  if (count > 1024n) return errno.EMSGSIZE;
  const segments = segmentsIn(call.memory, view.getBigUint64(16, true), count);
  if (typeof segments === 'number') return segments;
  const nameLength = view.getInt32(8, true);
  if (nameLength < 0) return errno.EINVAL;
  return {
    name: view.getBigUint64(0, true),
    nameLength,
    segments,
    control: Number(view.getBigUint64(32, true)),
    controlLength: Number(view.getBigUint64(40, true)),
  };
}

/** The open files that SCM_RIGHTS messages name. Credentials that a sender states are taken as its own. */
function filesIn(call: SystemCallContext, { control, controlLength }: Header): readonly OpenFile[] | number {
  if (control === 0 || controlLength === 0) return [];
  if (controlLength > 20480) return errno.ENOBUFS;
  const view = viewIn(call.memory, control, controlLength);
  if (typeof view === 'number') return view;
  const files: OpenFile[] = [];
  for (let at = 0; at + 16 <= controlLength;) {
    const length = Number(view.getBigUint64(at, true));
    if (length < 16 || at + length > controlLength) return errno.EINVAL;
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    if (level !== 1 || (type !== rights && type !== credentials)) return errno.EINVAL;
    for (let field = at + 16; type === rights && field + 4 <= at + length; field += 4) {
      const file = fileOf(call.fileSystem, call.files.table, view.getInt32(field, true));
      if (typeof file === 'number') return file;
      files.push(file);
    }
    at += Math.ceil(length / 8) * 8;
  }
  return files.length > filesLimit ? errno.EINVAL : files;
}

function send(
  call: SystemCallContext,
  flags: number,
  segments: readonly Segment[],
  to: string | undefined,
  files: readonly OpenFile[],
): SystemCallOutcome {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const { socket, file } = found;
  if ((flags & messageFlag.outOfBand) !== 0) return errno.EOPNOTSUPP;
  const target = targetOf(call, socket, to);
  if (typeof target === 'number') return target;
  const total = totalLength(segments);
  if (socket.type !== 'stream' && total > pieceSize) return errno.EMSGSIZE;
  let done = call.attempt.progress;
  do {
    const bytes = gather(call.memory, slice(segments, done, pieceSize));
    if (typeof bytes === 'number') return done > 0 ? done : bytes;
    const carried = done === 0 ? files : [];
    const message: SocketMessage = {
      bytes,
      from: socket.name,
      files: carried.map(({ number }) => number),
      pid: call.pid,
    };
    const nonBlocking = isNonBlocking(file) || (flags & messageFlag.dontWait) !== 0;
    const result = deliver(call, socket, target, message, nonBlocking, (flags & messageFlag.noSignal) !== 0);
    if (typeof result !== 'number') {
      call.attempt.progress = done;
      return result;
    }
    if (result < 0) return done > 0 ? done : result;
    for (const { number } of carried) call.fileSystem.state.files.get(number)!.references++;
    done += result;
    if (socket.type !== 'stream') break;
  } while (done < total);
  return done;
}

function targetOf(
  call: SystemCallContext,
  socket: Socket,
  to: string | undefined,
): Socket | undefined | number {
  if (to === undefined) {
    if (socket.type === 'datagram' && socket.state !== 'connected') return errno.ENOTCONN;
    return peerOf(call.fileSystem, socket);
  }
  if (socket.type !== 'datagram') return socket.state === 'connected' ? errno.EISCONN : errno.EOPNOTSUPP;
  const target = socketNamed(call, to);
  if (typeof target === 'number') return target;
  return target.type === 'datagram' ? target : errno.EPROTOTYPE;
}

interface Received {
  readonly message: SocketMessage | undefined;
  readonly length: number;
  /** MSG_TRUNC: the message was longer than the room for it. */
  readonly cut: boolean;
}

function take(
  call: SystemCallContext,
  flags: number,
  segments: readonly Segment[],
): Received | number | { readonly wait: string } {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const { socket, file } = found;
  if ((flags & messageFlag.outOfBand) !== 0) return errno.EINVAL;
  const room = slice(segments, call.attempt.progress, pieceSize);
  if (!room.every((segment) => canWrite(call.memory, segment))) return errno.EFAULT;
  const nonBlocking = isNonBlocking(file) || (flags & messageFlag.dontWait) !== 0;
  const length = totalLength(room);
  if (socket.type === 'stream' && length === 0) return { message: undefined, length: 0, cut: false };
  const result = receive(call, socket, length, nonBlocking, (flags & messageFlag.peek) !== 0);
  const progress = call.attempt.progress;
  if (typeof result === 'number')
    return result === 0 || progress > 0 ? { message: undefined, length: progress, cut: false } : result;
  if ('wait' in result) return { wait: result.wait };
  scatter(call.memory, room, result.bytes);
  const { message, bytes } = result;
  const all = progress + bytes.length;
  const waitsForAll = (flags & (messageFlag.waitAll | messageFlag.peek)) === messageFlag.waitAll;
  if (
    socket.type === 'stream' &&
    waitsForAll &&
    bytes.length < length &&
    message.files.length === 0 &&
    !nonBlocking
  ) {
    call.attempt.progress = all;
    return { wait: 'socket receive' };
  }
  const whole = socket.type === 'stream' ? all : message.bytes.length;
  const told = (flags & messageFlag.cut) !== 0 ? whole : all;
  return { message, length: told, cut: socket.type !== 'stream' && whole > bytes.length };
}

/** Hands over what a received message carries; gives the bytes of control data and MSG_* flags. */
function putControl(
  call: SystemCallContext,
  header: Header,
  flags: number,
  message: SocketMessage | undefined,
  socket: Socket,
): readonly [number, number] {
  let room = header.control === 0 ? 0 : header.controlLength;
  let at = 0;
  let told = 0;
  const put = (type: number, payload: Int32Array): void => {
    const record = new Uint8Array(16 + payload.byteLength);
    const view = new DataView(record.buffer);
    view.setBigUint64(0, BigInt(record.length), true);
    view.setInt32(8, 1, true);
    view.setInt32(12, type, true);
    record.set(new Uint8Array(payload.buffer), 16);
    if (room < record.length || copyOut(call.memory, header.control + at, record) < 0) {
      told |= messageFlag.controlCut;
      return;
    }
    const step = Math.min(room, Math.ceil(record.length / 8) * 8);
    at += step;
    room -= step;
  };
  if (message !== undefined && socket.passCredentials) put(credentials, Int32Array.of(message.pid, 0, 0));
  if (message === undefined || message.files.length === 0) return [at, told];
  const descriptors: number[] = [];
  const peeked = (flags & messageFlag.peek) !== 0;
  for (const number of message.files) {
    const file = call.fileSystem.state.files.get(number);
    const fits = room >= 16 + (descriptors.length + 1) * 4;
    const fd = file !== undefined && fits ? freeDescriptor(call.files.table) : -1;
    if (fd < 0) told |= messageFlag.controlCut;
    else {
      bind(call.files.table, fd, file!, (flags & messageFlag.closeOnExec) !== 0);
      descriptors.push(fd);
    }
  }
  if (descriptors.length > 0) put(rights, Int32Array.from(descriptors));
  if (!peeked) for (const number of message.files) releaseFile(call, number);
  return [at, told];
}

function receiveMessage(call: SystemCallContext): SystemCallOutcome {
  const address = size(call.args[1]);
  const flags = uint(call.args[2]);
  const header = headerIn(call, address);
  if (typeof header === 'number') return header;
  if (!canWrite(call.memory, { address, length: 56 })) return errno.EFAULT;
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const result = take(call, flags, header.segments);
  if (typeof result === 'number' || 'wait' in result) return result;
  const [controlLength, told] = putControl(call, header, flags, result.message, found.socket);
  const field = (offset: number, bytes: ArrayBuffer): number =>
    copyOut(call.memory, address + offset, new Uint8Array(bytes));
  if (header.name !== 0n) {
    const named =
      found.socket.type === 'stream' || result.message === undefined
        ? new Uint8Array()
        : senderBytes(result.message.from);
    const put = copyOut(call.memory, Number(header.name), named.subarray(0, header.nameLength));
    if (put < 0) return put;
    field(8, Int32Array.of(named.length).buffer);
  }
  field(40, BigUint64Array.of(BigInt(controlLength)).buffer);
  field(
    48,
    Int32Array.of(told | (result.cut ? messageFlag.cut : 0) | (flags & messageFlag.closeOnExec)).buffer,
  );
  return result.length;
}

function receiveFrom(call: SystemCallContext): SystemCallOutcome {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const result = take(call, uint(call.args[3]), [
    { address: size(call.args[1]), length: Math.min(size(call.args[2]), 0x7ffff000) },
  ]);
  if (typeof result === 'number' || 'wait' in result) return result;
  const { message } = result;
  // Without somewhere to put them, files that came along are closed.
  if (message !== undefined && (uint(call.args[3]) & messageFlag.peek) === 0)
    for (const number of message.files) releaseFile(call, number);
  if (found.socket.type === 'stream' || message === undefined) return result.length;
  const put = addressOut(call, call.args[4], call.args[5], senderBytes(message.from));
  return put < 0 ? put : result.length;
}

function sendMessage(call: SystemCallContext): SystemCallOutcome {
  const header = headerIn(call, size(call.args[1]));
  if (typeof header === 'number') return header;
  const to = header.name === 0n ? undefined : addressIn(call, header.name, BigInt(header.nameLength));
  if (typeof to === 'number') return to;
  const files = filesIn(call, header);
  return typeof files === 'number' ? files : send(call, uint(call.args[2]), header.segments, to, files);
}

function sendTo(call: SystemCallContext): SystemCallOutcome {
  const to = call.args[4] === 0n ? undefined : addressIn(call, call.args[4], BigInt(int(call.args[5])));
  if (typeof to === 'number') return to;
  const segments = [{ address: size(call.args[1]), length: Math.min(size(call.args[2]), 0x7ffff000) }];
  return send(call, uint(call.args[3]), segments, to, []);
}

export const messageCalls: Readonly<Record<string, SystemCallHandler>> = {
  sendto: sendTo,
  recvfrom: receiveFrom,
  sendmsg: sendMessage,
  recvmsg: receiveMessage,
};

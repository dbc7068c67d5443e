/**
 * AF_UNIX sockets within the guest. Laws (unix(7)): a stream keeps no message borders, datagrams and seqpackets do;
 * reading from a peer that is gone gives end of file, writing to one EPIPE (ECONNREFUSED for datagrams).
 */
import { errno } from '../errno.ts';
import type { FileSystem, OpenFile, OpenObject, Socket, SocketMessage } from './file-system-state.ts';
import { letGo } from './inodes.ts';
import { pollEvent, readable, signalPipe, writable } from './modes.ts';
import { type FileOperations, type FileWorld, type Wait, isNonBlocking } from './open-files.ts';

type SocketFile = Extract<OpenObject, { kind: 'socket' }>;

/** Bytes that a receive queue takes before senders wait (net.core.wmem_default). */
export const queueLimit = 212992;

export function addSocket(fileSystem: FileSystem, type: Socket['type'], pid: number): Socket {
  const socket: Socket = {
    number: fileSystem.state.next++,
    type,
    state: 'fresh',
    name: '',
    boundInode: undefined,
    peer: undefined,
    peerName: '',
    peerPid: pid,
    queue: [],
    queued: 0,
    receiveShut: false,
    sendShut: false,
    backlog: [],
    backlogLimit: 0,
    passCredentials: false,
    error: 0,
    inEdges: 0,
    outEdges: 0,
  };
  fileSystem.state.sockets.set(socket.number, socket);
  return socket;
}

export function socketAt(fileSystem: FileSystem, number: number): Socket {
  const socket = fileSystem.state.sockets.get(number);
  if (socket === undefined) throw new Error(`socket ${String(number)} was freed while a file refers to it`);
  return socket;
}

export const peerOf = (fileSystem: FileSystem, socket: Socket): Socket | undefined =>
  socket.peer === undefined ? undefined : fileSystem.state.sockets.get(socket.peer);

export function connectPair(left: Socket, right: Socket): void {
  left.peer = right.number;
  right.peer = left.number;
  left.state = right.state = 'connected';
  left.peerName = right.name;
  right.peerName = left.name;
}

/** The next message or bytes of a queue, or why there are none. `peek` leaves them there. */
export function receive(
  world: Pick<FileWorld, 'fileSystem' | 'changed'>,
  socket: Socket,
  length: number,
  nonBlocking: boolean,
  peek: boolean,
): { readonly message: SocketMessage; readonly bytes: Uint8Array } | number | Wait {
  if (socket.type !== 'datagram' && socket.state !== 'connected') return errno.ENOTCONN;
  if (socket.error !== 0) {
    const { error } = socket;
    socket.error = 0;
    return error;
  }
  const message = socket.queue[0];
  if (message === undefined) {
    if (socket.receiveShut || (socket.type !== 'datagram' && peerOf(world.fileSystem, socket) === undefined))
      return 0;
    return nonBlocking ? errno.EAGAIN : { wait: 'socket receive' };
  }
  if (socket.type !== 'stream') {
    const bytes = message.bytes.slice(0, length);
    if (!peek) takeMessage(world, socket, message);
    return { message, bytes };
  }
  // A stream: as many messages as fit, but never past one that carries files.
  const parts: Uint8Array[] = [];
  let room = length;
  for (const next of [...socket.queue]) {
    if (room === 0 || (next !== message && next.files.length > 0)) break;
    const part = next.bytes.slice(0, room);
    parts.push(part);
    room -= part.length;
    if (peek) continue;
    if (part.length === next.bytes.length) takeMessage(world, socket, next);
    else {
      next.bytes = next.bytes.slice(part.length);
      socket.queued -= part.length;
      if (next === message) socket.queue[0] = { ...next, files: [] };
    }
  }
  const bytes = new Uint8Array(length - room);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { message, bytes };
}

function takeMessage(
  world: Pick<FileWorld, 'fileSystem' | 'changed'>,
  socket: Socket,
  message: SocketMessage,
): void {
  socket.queue = socket.queue.filter((other) => other !== message);
  socket.queued -= message.bytes.length;
  const peer = peerOf(world.fileSystem, socket);
  if (peer !== undefined) peer.outEdges++;
  world.changed();
}

/** Puts a message in `target`'s queue; how many bytes it took. */
export function deliver(
  world: FileWorld,
  socket: Socket,
  target: Socket | undefined,
  message: SocketMessage,
  nonBlocking: boolean,
  quiet = false,
): number | Wait {
  if (socket.sendShut || target === undefined || target.receiveShut) {
    if (socket.type === 'datagram' && !socket.sendShut) return errno.ECONNREFUSED;
    if (socket.state !== 'connected' && !socket.sendShut) return errno.ENOTCONN;
    if (!quiet) world.raise(signalPipe);
    return errno.EPIPE;
  }
  const { length } = message.bytes;
  if (socket.type !== 'stream' && length > queueLimit) return errno.EMSGSIZE;
  if (socket.type === 'stream' && length === 0) return 0;
  const room = queueLimit - target.queued;
  if (socket.type === 'stream' ? room <= 0 : room < length && target.queue.length > 0)
    return nonBlocking ? errno.EAGAIN : { wait: 'socket send' };
  const taken = socket.type === 'stream' ? Math.min(room, length) : length;
  target.queue.push({ ...message, bytes: message.bytes.slice(0, taken) });
  target.queued += taken;
  target.inEdges++;
  world.changed();
  return taken;
}

function socketReadiness(fileSystem: FileSystem, socket: Socket): number {
  if (socket.state === 'listening') return socket.backlog.length > 0 ? readable : 0;
  const peer = peerOf(fileSystem, socket);
  const stream = socket.type !== 'datagram';
  const gone = stream && peer === undefined;
  let events = 0;
  if (socket.queue.length > 0) events |= readable;
  if (socket.error !== 0) events |= pollEvent.error;
  if (socket.receiveShut || (gone && socket.state === 'connected')) events |= readable | pollEvent.readHangUp;
  if (gone || (socket.receiveShut && socket.sendShut)) events |= pollEvent.hangUp;
  // unix_writable: while at most a quarter of the buffer is in use.
  if (peer === undefined || peer.queued * 4 <= queueLimit) events |= writable;
  return events;
}

export const socketOperations: FileOperations<SocketFile> = {
  writesAll: true,
  read(world, file, length) {
    const result = receive(
      world,
      socketAt(world.fileSystem, file.object.socket),
      length,
      isNonBlocking(file),
      false,
    );
    if (result === 0) return new Uint8Array();
    return typeof result === 'number' || 'wait' in result ? result : result.bytes;
  },
  write(world, file, bytes) {
    const socket = socketAt(world.fileSystem, file.object.socket);
    if (socket.state !== 'connected' && socket.type === 'datagram') return errno.ENOTCONN;
    const message: SocketMessage = { bytes, from: socket.name, files: [], pid: world.pid };
    return deliver(world, socket, peerOf(world.fileSystem, socket), message, isNonBlocking(file));
  },
  readiness(world, { object }) {
    const socket = socketAt(world.fileSystem, object.socket);
    return {
      events: socketReadiness(world.fileSystem, socket),
      inEdges: socket.inEdges,
      outEdges: socket.outEdges,
    };
  },
  available: ({ fileSystem }, { object }) => socketAt(fileSystem, object.socket).queued,
  release(world, file, release) {
    closeSocket(world, socketAt(world.fileSystem, file.object.socket), release);
  },
};

function closeSocket(world: FileWorld, socket: Socket, release: (file: number) => void): void {
  const { fileSystem } = world;
  fileSystem.state.sockets.delete(socket.number);
  for (const other of fileSystem.state.sockets.values()) {
    if (other.peer !== socket.number) continue;
    if (socket.queue.length > 0 && other.type !== 'datagram') other.error = errno.ECONNRESET;
    other.inEdges++;
    other.outEdges++;
  }
  for (const waiting of socket.backlog) closeSocket(world, socketAt(fileSystem, waiting), release);
  if (socket.boundInode !== undefined) letGo(fileSystem, { kind: 'memory', inode: socket.boundInode });
  for (const { files } of socket.queue) for (const file of files) release(file);
  world.changed();
}

export const isSocketFile = (file: OpenFile): file is OpenFile<SocketFile> => file.object.kind === 'socket';

/**
 * socket, socketpair, bind, listen, accept4, connect, shutdown, names and options of AF_UNIX sockets. No other
 * family exists: the guest has no network.
 */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { memoryDirectory, refusesChange } from './at-path.ts';
import { installObject, installPair } from './descriptor-calls.ts';
import { addOpenFile } from './file-system.ts';
import type { OpenFile, Socket } from './file-system-state.ts';
import { addInode, hold, link } from './inodes.ts';
import { openFlag } from './modes.ts';
import { fileOf, isNonBlocking } from './open-files.ts';
import { resolve } from './path-resolution.ts';
import { addSocket, connectPair, isSocketFile, peerOf, queueLimit, socketAt } from './socket.ts';
import { addressBytes, addressIn, addressOut, unixFamily } from './socket-address.ts';
import { copyIn, copyOut, int, size, uint, viewIn } from './user-memory.ts';

const typeNames: Readonly<Record<number, Socket['type']>> = {
  1: 'stream',
  2: 'datagram',
  3: 'datagram',
  5: 'seqpacket',
};
const typeNumbers = { stream: 1, datagram: 2, seqpacket: 5 } as const;

/** The socket that the first argument names, and its open file. */
export function socketOf(
  call: SystemCallContext,
): { readonly file: OpenFile; readonly socket: Socket } | number {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof file === 'number') return file;
  if ((file.flags & openFlag.path) !== 0) return errno.EBADF;
  return isSocketFile(file)
    ? { file, socket: socketAt(call.fileSystem, file.object.socket) }
    : errno.ENOTSOCK;
}

/** The type that socket and socketpair ask for. */
function typeIn(call: SystemCallContext): Socket['type'] | number {
  const [family, word, protocol] = [int(call.args[0]), uint(call.args[1]), int(call.args[2])];
  if ((word & ~(0xf | openFlag.closeOnExec | openFlag.nonBlock)) !== 0) return errno.EINVAL;
  if (family !== unixFamily) return errno.EAFNOSUPPORT;
  if (protocol !== 0 && protocol !== unixFamily) return errno.EPROTONOSUPPORT;
  return typeNames[word & 0xf] ?? errno.ESOCKTNOSUPPORT;
}

function createSocket(call: SystemCallContext): number {
  const type = typeIn(call);
  if (typeof type === 'number') return type;
  const socket = addSocket(call.fileSystem, type, call.pid);
  const fd = installObject(call, { kind: 'socket', socket: socket.number }, uint(call.args[1]));
  if (fd < 0) call.fileSystem.state.sockets.delete(socket.number);
  return fd;
}

function socketpair(call: SystemCallContext): number {
  const type = typeIn(call);
  if (typeof type === 'number') return type;
  const flags = uint(call.args[1]);
  const make = (): readonly [OpenFile, OpenFile] => {
    const left = addSocket(call.fileSystem, type, call.pid);
    const right = addSocket(call.fileSystem, type, call.pid);
    connectPair(left, right);
    const open = ({ number }: Socket): OpenFile =>
      addOpenFile(
        call.fileSystem,
        { kind: 'socket', socket: number },
        openFlag.readWrite | (flags & openFlag.nonBlock),
      );
    return [open(left), open(right)];
  };
  return installPair(call, call.args[3], make, (flags & openFlag.closeOnExec) !== 0);
}

function bindSocket(call: SystemCallContext): number {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const name = addressIn(call, call.args[1], call.args[2]);
  if (typeof name === 'number') return name;
  const { socket } = found;
  const bound = socket.name !== '';
  if (name === '' || name.startsWith('\0')) {
    if (bound) return name === '' ? 0 : errno.EINVAL;
    // An empty name asks for an abstract one of five hexadecimal digits.
    const chosen = name === '' ? `\0${socket.number.toString(16).padStart(5, '0')}` : name;
    for (const other of call.fileSystem.state.sockets.values())
      if (other.name === chosen) return errno.EADDRINUSE;
    socket.name = chosen;
    return 0;
  }
  const place = resolve(call, call.files.workingDirectory, name, { followLast: false });
  if (typeof place === 'number') return place;
  if (place.entry !== undefined) return errno.EADDRINUSE;
  if (bound) return errno.EINVAL;
  const refused = refusesChange(call, place.parent);
  if (refused !== 0) return refused;
  const directory = memoryDirectory(call, place.parent);
  if (directory === undefined) return errno.EPERM;
  const inode = addInode(call.fileSystem, { kind: 'socket', mode: 0o777 & ~call.files.umask }, call.realtime);
  link(directory, place.name, inode, call.realtime);
  hold(call.fileSystem, { kind: 'memory', inode: inode.number });
  socket.name = name;
  socket.boundInode = inode.number;
  return 0;
}

/** The bound socket that a name reaches. */
export function socketNamed(call: SystemCallContext, name: string): Socket | number {
  const { sockets } = call.fileSystem.state;
  if (name.startsWith('\0')) {
    for (const socket of sockets.values()) if (socket.name === name) return socket;
    return errno.ECONNREFUSED;
  }
  if (name === '') return errno.EINVAL;
  const place = resolve(call, call.files.workingDirectory, name, { followLast: true });
  if (typeof place === 'number') return place;
  if (place.entry === undefined) return errno.ENOENT;
  const { at } = place.entry;
  if (at.kind === 'memory')
    for (const socket of sockets.values()) if (socket.boundInode === at.inode) return socket;
  return errno.ECONNREFUSED;
}

function connect(call: SystemCallContext): SystemCallOutcome {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const { socket, file } = found;
  if (socket.type === 'datagram' && uint(call.args[2]) >= 2) {
    const family = viewIn(call.memory, size(call.args[1]), 2);
    if (typeof family === 'number') return family;
    if (family.getUint16(0, true) === 0) {
      socket.peer = undefined;
      socket.state = 'fresh';
      return 0;
    }
  }
  const name = addressIn(call, call.args[1], call.args[2]);
  if (typeof name === 'number') return name;
  const target = socketNamed(call, name);
  if (typeof target === 'number') return target;
  if (target.type !== socket.type) return errno.EPROTOTYPE;
  if (socket.type === 'datagram') {
    socket.peer = target.number;
    socket.peerName = target.name;
    socket.state = 'connected';
    return 0;
  }
  if (socket.state !== 'fresh') return socket.state === 'connected' ? errno.EISCONN : errno.EINVAL;
  if (target.state !== 'listening' || target.receiveShut) return errno.ECONNREFUSED;
  if (target.backlog.length > target.backlogLimit)
    return isNonBlocking(file) ? errno.EAGAIN : { wait: 'connect' };
  const server = addSocket(call.fileSystem, socket.type, target.peerPid);
  server.name = target.name;
  connectPair(socket, server);
  server.peerPid = call.pid;
  socket.peerPid = target.peerPid;
  target.backlog.push(server.number);
  target.inEdges++;
  call.changed();
  return 0;
}

function listen(call: SystemCallContext): number {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const { socket } = found;
  if (socket.type === 'datagram') return errno.EOPNOTSUPP;
  if (socket.name === '' || (socket.state !== 'fresh' && socket.state !== 'listening')) return errno.EINVAL;
  socket.state = 'listening';
  socket.backlogLimit = Math.min(uint(call.args[1]), 4096);
  socket.peerPid = call.pid;
  call.changed();
  return 0;
}

function accept(call: SystemCallContext, flags: number): SystemCallOutcome {
  if ((flags & ~(openFlag.closeOnExec | openFlag.nonBlock)) !== 0) return errno.EINVAL;
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  const { socket, file } = found;
  if (socket.type === 'datagram') return errno.EOPNOTSUPP;
  if (socket.state !== 'listening') return errno.EINVAL;
  const waiting = socket.backlog[0];
  if (waiting === undefined) return isNonBlocking(file) ? errno.EAGAIN : { wait: 'accept' };
  const fd = installObject(call, { kind: 'socket', socket: waiting }, flags);
  if (fd < 0) return fd;
  socket.backlog = socket.backlog.slice(1);
  call.changed();
  const put = addressOut(
    call,
    call.args[1],
    call.args[2],
    addressBytes(socketAt(call.fileSystem, waiting).peerName),
  );
  return put < 0 ? put : fd;
}

function shutdown(call: SystemCallContext): number {
  const how = int(call.args[1]);
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  if (how < 0 || how > 2) return errno.EINVAL;
  const { socket } = found;
  const peer = peerOf(call.fileSystem, socket);
  if (socket.type !== 'datagram' && socket.state === 'fresh') return errno.ENOTCONN;
  const [receive, send] = [how !== 1, how !== 0];
  socket.receiveShut ||= receive;
  socket.sendShut ||= send;
  if (peer !== undefined && socket.type !== 'datagram') {
    peer.receiveShut ||= send;
    peer.sendShut ||= receive;
    peer.inEdges++;
    peer.outEdges++;
  }
  socket.inEdges++;
  socket.outEdges++;
  call.changed();
  return 0;
}

/** SO_* of SOL_SOCKET. */
const option = {
  reuse: 2,
  type: 3,
  error: 4,
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  keepAlive: 9,
  passCredentials: 16,
  peerCredentials: 17,
  receiveTimeout: 20,
  sendTimeout: 21,
  acceptConnections: 30,
  protocol: 38,
  domain: 39,
} as const;

function getOption(call: SystemCallContext): number {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  if (int(call.args[1]) !== 1) return errno.EOPNOTSUPP;
  const value = optionBytes(found.socket, int(call.args[2]));
  if (value === undefined) return errno.ENOPROTOOPT;
  const length = viewIn(call.memory, size(call.args[4]), 4);
  if (typeof length === 'number') return length;
  if (length.getInt32(0, true) < 0) return errno.EINVAL;
  const bytes = value.subarray(0, length.getInt32(0, true));
  const put = copyOut(call.memory, size(call.args[3]), bytes);
  return put < 0
    ? put
    : copyOut(call.memory, size(call.args[4]), new Uint8Array(Int32Array.of(bytes.length).buffer));
}

function optionBytes(socket: Socket, name: number): Uint8Array | undefined {
  const words = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
  switch (name) {
    case option.type:
      return words(typeNumbers[socket.type]);
    case option.error: {
      const error = -socket.error;
      socket.error = 0;
      return words(error);
    }
    case option.sendBuffer:
    case option.receiveBuffer:
      return words(queueLimit);
    case option.passCredentials:
      return words(socket.passCredentials ? 1 : 0);
    case option.peerCredentials:
      return socket.state === 'connected' ? words(socket.peerPid, 0, 0) : words(0, -1, -1);
    case option.acceptConnections:
      return words(socket.state === 'listening' ? 1 : 0);
    case option.domain:
      return words(unixFamily);
    case option.reuse:
    case option.broadcast:
    case option.keepAlive:
    case option.protocol:
      return words(0);
    default:
      return undefined;
  }
}

function setOption(call: SystemCallContext): number {
  const found = socketOf(call);
  if (typeof found === 'number') return found;
  if (int(call.args[1]) !== 1) return errno.EOPNOTSUPP;
  const value = copyIn(call.memory, size(call.args[3]), Math.min(uint(call.args[4]), 16));
  if (typeof value === 'number') return value;
  if (value.length < 4) return errno.EINVAL;
  switch (int(call.args[2])) {
    case option.passCredentials:
      found.socket.passCredentials = value.some((byte) => byte !== 0);
      return 0;
    case option.reuse:
    case option.broadcast:
    case option.keepAlive:
    case option.sendBuffer:
    case option.receiveBuffer:
      // Accepted by a local socket and without effect on it, as unix(7) has it; queues keep their size.
      return 0;
    default:
      // Among them the timeouts, which nothing here would keep.
      return errno.ENOPROTOOPT;
  }
}

const name =
  (of: (call: SystemCallContext, socket: Socket) => string | number): SystemCallHandler =>
  (call) => {
    const found = socketOf(call);
    if (typeof found === 'number') return found;
    const text = of(call, found.socket);
    if (typeof text === 'number') return text;
    return call.args[1] === 0n
      ? errno.EFAULT
      : addressOut(call, call.args[1], call.args[2], addressBytes(text));
  };

export const socketCalls: Readonly<Record<string, SystemCallHandler>> = {
  socket: createSocket,
  socketpair,
  bind: bindSocket,
  connect,
  listen,
  accept: (call) => accept(call, 0),
  accept4: (call) => accept(call, uint(call.args[3])),
  shutdown,
  getsockopt: getOption,
  setsockopt: setOption,
  getsockname: name((_call, socket) => socket.name),
  getpeername: name((_call, socket) => (socket.state === 'connected' ? socket.peerName : errno.ENOTCONN)),
};

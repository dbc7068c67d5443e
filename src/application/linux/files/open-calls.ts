/** openat, openat2, memfd_create. open(2). */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler, SystemCallOutcome } from '../system-call.ts';
import { hostPath, memoryDirectory, refusesChange, startAt } from './at-path.ts';
import { resizeContent } from './file-content.ts';
import { addOpenFile } from './file-system.ts';
import type { Location, OpenFile, OpenObject } from './file-system-state.ts';
import { ask } from './host-errors.ts';
import { addInode, hold, inodeAt, link } from './inodes.ts';
import { openFlag, resolveFlag } from './modes.ts';
import type { Entry } from './name-space.ts';
import { bind, freeDescriptor } from './open-files.ts';
import { type Resolution, resolve } from './path-resolution.ts';
import { addPipe, joinPipe, pipeAt } from './pipe.ts';
import { copyIn, int, pathIn, size, uint, viewIn } from './user-memory.ts';

interface OpenRequest {
  readonly flags: number;
  readonly mode: number;
  readonly restrictions: number;
}

/** Flags that stay with the open file. */
const kept =
  openFlag.accessMode |
  openFlag.append |
  openFlag.nonBlock |
  openFlag.direct |
  openFlag.noAccessTime |
  openFlag.sync |
  openFlag.path |
  openFlag.directory |
  openFlag.noFollow |
  openFlag.largeFile;

/** Opens with a new descriptor. */
function openWith(
  call: SystemCallContext,
  fd: number,
  pathArgument: bigint | undefined,
  request: OpenRequest,
): SystemCallOutcome {
  const { flags } = request;
  const path = pathIn(call.memory, pathArgument);
  if (typeof path === 'number') return path;
  if (path === '') return errno.ENOENT;
  // RESOLVE_BENEATH and RESOLVE_IN_ROOT: an absolute path, too, has to do with the directory.
  const confined = (request.restrictions & (resolveFlag.beneath | resolveFlag.inRoot)) !== 0;
  const start = startAt(call, fd, confined ? '' : path);
  if (typeof start === 'number') return start;
  const descriptor = freeDescriptor(call.files.table);
  if (descriptor < 0) return descriptor;
  const exclusive = (flags & openFlag.create) !== 0 && (flags & openFlag.exclusive) !== 0;
  const found = resolve(call, start, path, {
    followLast: (flags & openFlag.noFollow) === 0 && !exclusive,
    restrictions: request.restrictions,
  });
  if (typeof found === 'number') return found;
  const file = openResolved(call, found, request);
  if (typeof file === 'number' || 'wait' in file) return file;
  bind(call.files.table, descriptor, file, (flags & openFlag.closeOnExec) !== 0);
  return descriptor;
}

type Opened = OpenFile | number | { readonly wait: string };

function openResolved(call: SystemCallContext, found: Resolution, request: OpenRequest): Opened {
  const { flags } = request;
  const make = (flags & openFlag.create) !== 0 && (flags & openFlag.path) === 0;
  if (found.openFile !== undefined) return reopen(call, found, flags);
  if (found.entry === undefined) {
    if (!make) return errno.ENOENT;
    if (found.mustBeDirectory) return errno.EISDIR;
    return createFile(call, found, request);
  }
  const { kind } = found.entry;
  if (make && (flags & openFlag.exclusive) !== 0) return errno.EEXIST;
  if (make && kind === 'directory') return errno.EISDIR;
  if ((flags & openFlag.path) !== 0) {
    if ((flags & openFlag.directory) !== 0 && kind !== 'directory') return errno.ENOTDIR;
    return opened(call, found.entry.at, { kind: 'path', at: found.entry.at }, flags & ~openFlag.accessMode);
  }
  if (kind === 'symlink') return errno.ELOOP;
  if ((flags & openFlag.temporary) === openFlag.temporary) return createTemporary(call, found.entry, request);
  if ((flags & openFlag.directory) !== 0 && kind !== 'directory') return errno.ENOTDIR;
  return openExisting(call, found.entry, request);
}

function opened(call: SystemCallContext, at: Location, object: OpenObject, flags: number): OpenFile {
  hold(call.fileSystem, at);
  return addOpenFile(call.fileSystem, object, flags & kept);
}

function openExisting(call: SystemCallContext, entry: Entry, request: OpenRequest): Opened {
  const { flags } = request;
  const { at } = entry;
  const writes = (flags & openFlag.accessMode) !== openFlag.readOnly;
  if (entry.kind === 'directory') {
    if (writes || (flags & openFlag.truncate) !== 0) return errno.EISDIR;
    return opened(call, at, { kind: 'directory', at, listing: undefined }, flags);
  }
  if (at.kind === 'host') return openOnHost(call, at, request, false);
  if (entry.kind === 'generated')
    return writes ? errno.EACCES : opened(call, at, { kind: 'generated', at, text: undefined }, flags);
  if (at.kind !== 'memory') return errno.ENXIO;
  const inode = inodeAt(call.fileSystem, at.inode);
  switch (inode.kind) {
    case 'file':
      if ((flags & openFlag.truncate) !== 0) {
        const result = resizeContent(call.fileSystem, inode, 0);
        if (result < 0) return result;
        inode.modified = inode.changed = call.realtime;
      }
      return opened(call, at, { kind: 'file', inode: inode.number }, flags);
    case 'device':
      if (inode.device === 'tty') return errno.ENXIO;
      return opened(call, at, { kind: 'device', inode: inode.number, device: inode.device }, flags);
    case 'fifo':
      return openFifo(call, at, inode.number, flags);
    default:
      return errno.ENXIO;
  }
}

/** fifo(7): each side waits for the other, unless non-blocking; opening for both never waits. */
function openFifo(call: SystemCallContext, at: Location, number: number, flags: number): Opened {
  const fifo = inodeAt(call.fileSystem, number);
  if (fifo.kind !== 'fifo') return errno.ENXIO;
  const mode = flags & openFlag.accessMode;
  const pipe = fifo.pipe === undefined ? addPipe(call.fileSystem) : pipeAt(call.fileSystem, fifo.pipe);
  fifo.pipe = pipe.number;
  const nonBlocking = (flags & openFlag.nonBlock) !== 0;
  const waits =
    mode === openFlag.readOnly ? pipe.writers === 0 : mode === openFlag.writeOnly && pipe.readers === 0;
  if (waits && nonBlocking && mode === openFlag.writeOnly) return errno.ENXIO;
  // A waiting open announces itself by a reader or writer count that the other side sees; it is undone by no one, as
  // the call is made again until it succeeds.
  if (waits && !nonBlocking) {
    if (call.attempt.progress === 0) {
      call.attempt.progress = 1 + (mode === openFlag.readOnly ? pipe.writersOpened : pipe.readersOpened);
      if (mode === openFlag.readOnly) pipe.readers++;
      else pipe.writers++;
      call.changed();
    }
    const appeared = mode === openFlag.readOnly ? pipe.writersOpened : pipe.readersOpened;
    if (appeared < call.attempt.progress) return { wait: 'fifo open' };
  }
  if (call.attempt.progress > 0) {
    if (mode === openFlag.readOnly) pipe.readers--;
    else pipe.writers--;
  }
  const file = opened(call, at, { kind: 'pipe', pipe: pipe.number, inode: number }, flags);
  joinPipe(pipe, file);
  call.changed();
  return file;
}

function openOnHost(
  call: SystemCallContext,
  at: Extract<Location, { kind: 'host' }>,
  request: OpenRequest,
  create: boolean,
): Opened {
  const { flags } = request;
  const write = (flags & openFlag.accessMode) !== openFlag.readOnly;
  const truncate = (flags & openFlag.truncate) !== 0;
  if ((write || create || truncate) && call.fileSystem.mounts[at.mount]!.readOnly) return errno.EROFS;
  const reply = ask(call.host, {
    call: 'open',
    at: hostPath(at),
    write,
    create,
    exclusive: create && (flags & openFlag.exclusive) !== 0,
    truncate,
    mode: request.mode & 0o777,
  });
  if (typeof reply === 'number') return reply;
  return addOpenFile(
    call.fileSystem,
    { kind: 'host', mount: at.mount, path: at.path, handle: reply.value ?? -1 },
    flags & kept,
  );
}

function createFile(call: SystemCallContext, found: Resolution, request: OpenRequest): Opened {
  const refused = refusesChange(call, found.parent);
  if (refused !== 0) return refused;
  const mode = request.mode & ~call.files.umask & 0o7777;
  if (found.parent.kind === 'host') {
    return openOnHost(
      call,
      { ...found.parent, path: [...found.parent.path, found.name] },
      { ...request, mode },
      true,
    );
  }
  const directory = memoryDirectory(call, found.parent)!;
  const inode = addInode(
    call.fileSystem,
    { kind: 'file', mode, size: 0, blocks: new Map(), image: 0 },
    call.realtime,
  );
  link(directory, found.name, inode, call.realtime);
  return opened(
    call,
    { kind: 'memory', inode: inode.number },
    { kind: 'file', inode: inode.number },
    request.flags,
  );
}

/** O_TMPFILE: a file without a name. */
function createTemporary(call: SystemCallContext, entry: Entry, request: OpenRequest): Opened {
  if (entry.kind !== 'directory') return errno.ENOTDIR;
  if ((request.flags & openFlag.accessMode) === openFlag.readOnly) return errno.EINVAL;
  if (entry.at.kind !== 'memory') return errno.EOPNOTSUPP;
  const mode = request.mode & ~call.files.umask & 0o7777;
  const inode = addInode(
    call.fileSystem,
    { kind: 'file', mode, size: 0, blocks: new Map(), image: 0 },
    call.realtime,
  );
  return opened(
    call,
    { kind: 'memory', inode: inode.number },
    { kind: 'file', inode: inode.number },
    request.flags & ~openFlag.directory,
  );
}

/** Opens what a link of /proc/<pid>/fd leads to anew; streams are shared, sockets cannot be opened. */
function reopen(call: SystemCallContext, found: Resolution, flags: number): Opened {
  const file = call.fileSystem.state.files.get(found.openFile!);
  if (file === undefined) return errno.ENOENT;
  const { object } = file;
  if (object.kind === 'stream') return addOpenFile(call.fileSystem, { ...object }, flags & kept);
  if (object.kind === 'pipe') {
    const again = addOpenFile(call.fileSystem, { ...object }, flags & kept);
    if (object.inode !== undefined) hold(call.fileSystem, { kind: 'memory', inode: object.inode });
    joinPipe(pipeAt(call.fileSystem, object.pipe), again);
    return again;
  }
  if (found.entry === undefined || found.entry.kind === 'fifo') return errno.ENXIO;
  return openExisting(call, found.entry, { flags, mode: 0, restrictions: 0 });
}

function openat2(call: SystemCallContext): SystemCallOutcome {
  const length = size(call.args[3]);
  if (length < 24) return errno.EINVAL;
  if (length > 4096) return errno.E2BIG;
  const rest = copyIn(call.memory, size(call.args[2]) + 24, length - 24);
  if (typeof rest === 'number') return rest;
  if (rest.some((byte) => byte !== 0)) return errno.E2BIG;
  const how = viewIn(call.memory, size(call.args[2]), 24);
  if (typeof how === 'number') return how;
  const [flags, mode, restrictions] = [0, 8, 16].map((at) => Number(how.getBigUint64(at, true))) as [
    number,
    number,
    number,
  ];
  if (flags > 0x7fffffff || mode > 0o7777 || restrictions > 0x3f) return errno.EINVAL;
  const creates = (flags & openFlag.create) !== 0 || (flags & openFlag.temporary) === openFlag.temporary;
  if (mode !== 0 && !creates) return errno.EINVAL;
  if ((restrictions & 32) !== 0) return errno.EAGAIN;
  if ((restrictions & 24) === 24) return errno.EINVAL;
  return openWith(call, int(call.args[0]), call.args[1], { flags, mode, restrictions });
}

const memfdFlag = { closeOnExec: 1, allowSealing: 2, huge: 4, noExecSeal: 8, exec: 16 } as const;

function memfdCreate(call: SystemCallContext): SystemCallOutcome {
  const flags = uint(call.args[1]);
  if ((flags & ~31) !== 0) return errno.EINVAL;
  if ((flags & memfdFlag.huge) !== 0) return errno.ENOSYS;
  const name = pathIn(call.memory, call.args[0]);
  if (typeof name === 'number') return name === errno.ENAMETOOLONG ? errno.EINVAL : name;
  if (name.length > 249) return errno.EINVAL;
  const fd = freeDescriptor(call.files.table);
  if (fd < 0) return fd;
  const seals = (flags & (memfdFlag.allowSealing | memfdFlag.noExecSeal)) !== 0 ? 0 : 1;
  const inode = addInode(
    call.fileSystem,
    { kind: 'file', mode: 0o777, size: 0, blocks: new Map(), image: 0, seals },
    call.realtime,
  );
  const file = opened(
    call,
    { kind: 'memory', inode: inode.number },
    { kind: 'file', inode: inode.number },
    openFlag.readWrite,
  );
  bind(call.files.table, fd, file, (flags & memfdFlag.closeOnExec) !== 0);
  return fd;
}

export const openCalls: Readonly<Record<string, SystemCallHandler>> = {
  openat: (call) =>
    openWith(call, int(call.args[0]), call.args[1], {
      flags: uint(call.args[2]) & 0x7fffffff,
      mode: uint(call.args[3]) & 0o7777,
      restrictions: 0,
    }),
  openat2,
  memfd_create: memfdCreate,
};

/**
 * Pipes and FIFOs: 16 slots of a page each. Laws (pipe(7)): a write of at most 4096 bytes is atomic; a read returns
 * what there is; no writers left is end of file; no readers left is EPIPE with SIGPIPE.
 */
import { errno } from '../errno.ts';
import type { FileSystem, OpenFile, OpenObject, Pipe } from './file-system-state.ts';
import { inodeAt, letGo } from './inodes.ts';
import { pipeBuffer, pollEvent, readable, signalPipe, writable } from './modes.ts';
import { type FileOperations, isNonBlocking, isReadable, isWritable } from './open-files.ts';

type PipeFile = Extract<OpenObject, { kind: 'pipe' }>;

const defaultCapacity = 65536;

export function addPipe(fileSystem: FileSystem): Pipe {
  const pipe: Pipe = {
    number: fileSystem.state.next++,
    slots: [],
    capacity: defaultCapacity,
    readers: 0,
    writers: 0,
    readersOpened: 0,
    writersOpened: 0,
    inEdges: 0,
    outEdges: 0,
  };
  fileSystem.state.pipes.set(pipe.number, pipe);
  return pipe;
}

export function pipeAt(fileSystem: FileSystem, number: number): Pipe {
  const pipe = fileSystem.state.pipes.get(number);
  if (pipe === undefined) throw new Error(`pipe ${String(number)} was freed while a file refers to it`);
  return pipe;
}

/** Counts a new open file among the pipe's readers and writers. */
export function joinPipe(pipe: Pipe, file: OpenFile): void {
  if (isReadable(file)) {
    pipe.readers++;
    pipe.readersOpened++;
  }
  if (isWritable(file)) {
    pipe.writers++;
    pipe.writersOpened++;
  }
}

export const queuedBytes = (pipe: Pipe): number =>
  pipe.slots.reduce((sum, { bytes }) => sum + bytes.length, 0);
const slotCount = (pipe: Pipe): number => pipe.capacity / pipeBuffer;

/** Takes up to `length` bytes out. */
export function takeBytes(pipe: Pipe, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(length, queuedBytes(pipe)));
  const wasFull = pipe.slots.length >= slotCount(pipe);
  for (let at = 0; at < bytes.length;) {
    const slot = pipe.slots[0]!;
    const part = slot.bytes.subarray(0, bytes.length - at);
    bytes.set(part, at);
    at += part.length;
    if (part.length === slot.bytes.length) pipe.slots.shift();
    else slot.bytes = slot.bytes.slice(part.length);
  }
  if (wasFull && pipe.slots.length < slotCount(pipe)) pipe.outEdges++;
  return bytes;
}

/** Puts in what fits. As the kernel does, the odd bytes of a write first fill up the last slot. */
export function putBytes(pipe: Pipe, bytes: Uint8Array): number {
  let at = 0;
  const odd = bytes.length % pipeBuffer;
  const last = pipe.slots.at(-1);
  if (last !== undefined && odd > 0 && last.bytes.length + odd <= pipeBuffer) {
    const merged = new Uint8Array(last.bytes.length + odd);
    merged.set(last.bytes);
    merged.set(bytes.subarray(0, odd), last.bytes.length);
    last.bytes = merged;
    at = odd;
  }
  while (at < bytes.length && pipe.slots.length < slotCount(pipe)) {
    const part = bytes.slice(at, at + pipeBuffer);
    pipe.slots.push({ bytes: part });
    at += part.length;
  }
  if (at > 0) pipe.inEdges++;
  return at;
}

const fits = (pipe: Pipe, length: number): boolean => {
  const last = pipe.slots.at(-1);
  return (
    pipe.slots.length < slotCount(pipe) || (last !== undefined && last.bytes.length + length <= pipeBuffer)
  );
};

export const pipeOperations: FileOperations<PipeFile> = {
  writesAll: true,
  read(world, file, length) {
    const pipe = pipeAt(world.fileSystem, file.object.pipe);
    if (length === 0) return new Uint8Array();
    if (pipe.slots.length === 0) {
      if (pipe.writers === 0) return new Uint8Array();
      return isNonBlocking(file) ? errno.EAGAIN : { wait: 'pipe read' };
    }
    const bytes = takeBytes(pipe, length);
    world.changed();
    return bytes;
  },
  write(world, file, bytes) {
    const pipe = pipeAt(world.fileSystem, file.object.pipe);
    if (bytes.length === 0) return 0;
    if (pipe.readers === 0) {
      world.raise(signalPipe);
      return errno.EPIPE;
    }
    const atomic = bytes.length <= pipeBuffer;
    if (atomic ? !fits(pipe, bytes.length) : pipe.slots.length >= slotCount(pipe))
      return isNonBlocking(file) ? errno.EAGAIN : { wait: 'pipe write' };
    const taken = putBytes(pipe, bytes);
    world.changed();
    return taken;
  },
  readiness(world, file) {
    const pipe = pipeAt(world.fileSystem, file.object.pipe);
    let events = 0;
    if (isReadable(file)) {
      if (pipe.slots.length > 0) events |= readable;
      if (pipe.writers === 0 && pipe.writersOpened > 0) events |= pollEvent.hangUp;
    }
    if (isWritable(file)) {
      if (pipe.slots.length < slotCount(pipe)) events |= writable;
      if (pipe.readers === 0) events |= pollEvent.error;
    }
    return { events, inEdges: pipe.inEdges, outEdges: pipe.outEdges };
  },
  available: (world, file) => queuedBytes(pipeAt(world.fileSystem, file.object.pipe)),
  release(world, file) {
    const { fileSystem } = world;
    const pipe = pipeAt(fileSystem, file.object.pipe);
    if (isReadable(file)) pipe.readers--;
    if (isWritable(file)) pipe.writers--;
    pipe.inEdges++;
    pipe.outEdges++;
    const { inode } = file.object;
    if (pipe.readers === 0 && pipe.writers === 0) {
      fileSystem.state.pipes.delete(pipe.number);
      if (inode !== undefined) {
        const fifo = inodeAt(fileSystem, inode);
        if (fifo.kind === 'fifo') fifo.pipe = undefined;
      }
    }
    if (inode !== undefined) letGo(fileSystem, { kind: 'memory', inode });
    world.changed();
  },
};

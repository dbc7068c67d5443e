/** Operations of files with stored contents: in memory, below a mount, generated text, directories and O_PATH. */
import { errno } from '../errno.ts';
import { readContent, resizeContent, writeContent } from './file-content.ts';
import type { FileInode, FileSystem, OpenObject } from './file-system-state.ts';
import { generatedText } from './generated-text.ts';
import { ask } from './host-errors.ts';
import { inodeAt, letGo } from './inodes.ts';
import { readable, writable } from './modes.ts';
import type { FileOperations } from './open-files.ts';

type Object<Kind extends OpenObject['kind']> = Extract<OpenObject, { kind: Kind }>;

const alwaysReady = { events: readable | writable, inEdges: 0, outEdges: 0 };

export function fileInode(fileSystem: FileSystem, number: number): FileInode {
  const inode = inodeAt(fileSystem, number);
  if (inode.kind !== 'file') throw new Error(`inode ${String(number)} is a ${inode.kind}, not a file`);
  return inode;
}

export const memoryFileOperations: FileOperations<Object<'file'>> = {
  seekable: true,
  read({ fileSystem, realtime }, file, length, offset) {
    const inode = fileInode(fileSystem, file.object.inode);
    inode.accessed = realtime;
    return readContent(fileSystem, inode, offset, length);
  },
  write({ fileSystem, realtime }, file, bytes, offset) {
    const inode = fileInode(fileSystem, file.object.inode);
    inode.modified = inode.changed = realtime;
    return writeContent(fileSystem, inode, offset, bytes);
  },
  end: ({ fileSystem }, file) => fileInode(fileSystem, file.object.inode).size,
  resize({ fileSystem, realtime }, file, size) {
    const inode = fileInode(fileSystem, file.object.inode);
    inode.modified = inode.changed = realtime;
    return resizeContent(fileSystem, inode, size);
  },
  readiness: () => alwaysReady,
  available: ({ fileSystem }, file) =>
    Math.max(0, fileInode(fileSystem, file.object.inode).size - file.offset),
  release: ({ fileSystem }, file) => {
    letGo(fileSystem, { kind: 'memory', inode: file.object.inode });
  },
};

const hostEnd: NonNullable<FileOperations<Object<'host'>>['end']> = ({ host }, file) => {
  const reply = ask(host, { call: 'fstat', handle: file.object.handle });
  return typeof reply === 'number' ? reply : (reply.stat?.size ?? errno.EIO);
};

export const hostFileOperations: FileOperations<Object<'host'>> = {
  seekable: true,
  read({ host }, file, length, offset) {
    const reply = ask(host, { call: 'read', handle: file.object.handle, offset, length });
    return typeof reply === 'number' ? reply : (reply.bytes ?? new Uint8Array());
  },
  write({ host }, file, bytes, offset) {
    const reply = ask(host, { call: 'write', handle: file.object.handle, offset, bytes });
    return typeof reply === 'number' ? reply : (reply.value ?? bytes.length);
  },
  end: hostEnd,
  resize({ host }, file, size) {
    const reply = ask(host, { call: 'truncate', handle: file.object.handle, size });
    return typeof reply === 'number' ? reply : 0;
  },
  readiness: () => alwaysReady,
  available: (world, file) => Math.max(0, hostEnd(world, file) - file.offset),
  release: ({ host }, file) => {
    host.perform({ call: 'close', handle: file.object.handle });
  },
};

export const generatedFileOperations: FileOperations<Object<'generated'>> = {
  seekable: true,
  read(world, file, length, offset) {
    const { object } = file;
    if (offset === 0 || object.text === undefined) {
      const text = generatedText(world, object.at);
      if (typeof text === 'number') return text;
      object.text = text;
    }
    return object.text.slice(offset, offset + length);
  },
  readiness: () => alwaysReady,
  release: ({ fileSystem }, file) => {
    letGo(fileSystem, file.object.at);
  },
};

export const directoryOperations: FileOperations<Object<'directory'>> = {
  seekable: true,
  read: () => errno.EISDIR,
  release: ({ fileSystem }, file) => {
    letGo(fileSystem, file.object.at);
  },
};

export const pathFileOperations: FileOperations<Object<'path'>> = {
  release: ({ fileSystem }, file) => {
    letGo(fileSystem, file.object.at);
  },
};

/**
 * What every kind of open file can do, and the descriptors that name them. Laws: an operation that is absent is one
 * that the file does not support; a negative number is an errno; a file is released when its last reference goes.
 */
import { errno } from '../errno.ts';
import type { SystemCallContext } from '../system-call.ts';
import type { FileSystem, FileTable, OpenFile, OpenObject } from './file-system-state.ts';
import { openFlag } from './modes.ts';

/** What an operation on a file needs of the call that makes it. */
export type FileWorld = Pick<
  SystemCallContext,
  | 'fileSystem'
  | 'host'
  | 'info'
  | 'pid'
  | 'monotonic'
  | 'realtime'
  | 'timedOut'
  | 'changed'
  | 'raise'
  | 'random'
>;

/** The thread must wait until the file changes; `deadline` as in SystemCallOutcome. */
export interface Wait {
  readonly wait: string;
  readonly deadline?: bigint | undefined;
}

export interface Readiness {
  /** POLL* events that hold now. */
  readonly events: number;
  /** Edge counts: edge-triggered epoll reports again when one moved. */
  readonly inEdges: number;
  readonly outEdges: number;
  /** Guest monotonic nanoseconds at which the events may change by themselves. */
  readonly deadline?: bigint | undefined;
}

export interface FileOperations<Of extends OpenObject> {
  /** Whether reads and writes have an offset (else lseek and pread are ESPIPE). */
  readonly seekable?: boolean;
  /** Whether one write goes on until all bytes are taken (pipes, stream sockets). */
  readonly writesAll?: boolean;
  /** Up to `length` bytes; none at the end. `offset` is meaningful for seekable files. */
  read?(world: FileWorld, file: OpenFile<Of>, length: number, offset: number): Uint8Array | number | Wait;
  /** How many of `bytes` were taken. */
  write?(world: FileWorld, file: OpenFile<Of>, bytes: Uint8Array, offset: number): number | Wait;
  /** The end of the file, for SEEK_END and O_APPEND. */
  end?(world: FileWorld, file: OpenFile<Of>): number;
  resize?(world: FileWorld, file: OpenFile<Of>, size: number): number;
  readiness?(world: FileWorld, file: OpenFile<Of>, of: (file: OpenFile) => Readiness): Readiness;
  /** FIONREAD. */
  available?(world: FileWorld, file: OpenFile<Of>): number;
  release?(world: FileWorld, file: OpenFile<Of>, release: (file: number) => void): void;
}

export type OperationsTable = {
  readonly [Kind in OpenObject['kind']]: FileOperations<Extract<OpenObject, { kind: Kind }>>;
};

export const isReadable = (file: OpenFile): boolean =>
  (file.flags & openFlag.path) === 0 && (file.flags & openFlag.accessMode) !== openFlag.writeOnly;
export const isWritable = (file: OpenFile): boolean =>
  (file.flags & openFlag.path) === 0 && (file.flags & openFlag.accessMode) !== openFlag.readOnly;
export const isNonBlocking = (file: OpenFile): boolean => (file.flags & openFlag.nonBlock) !== 0;

/** The open file that a descriptor names, or EBADF. */
export function fileOf(fileSystem: FileSystem, table: FileTable, fd: number): OpenFile | number {
  const descriptor = table.descriptors.get(fd);
  return descriptor === undefined
    ? errno.EBADF
    : (fileSystem.state.files.get(descriptor.file) ?? errno.EBADF);
}

/** The lowest free descriptor from `from` on, or EMFILE. */
export function freeDescriptor(table: FileTable, from = 0): number {
  let fd = from;
  while (table.descriptors.has(fd)) fd++;
  return fd < table.limit ? fd : errno.EMFILE;
}

/** Points a descriptor at a file; it must be free. */
export function bind(table: FileTable, fd: number, file: OpenFile, closeOnExec: boolean): void {
  table.descriptors.set(fd, { file: file.number, closeOnExec });
  file.references++;
}

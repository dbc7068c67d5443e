/**
 * The state of the guest's files, as plain data: maps, numbers, bigints, strings and byte arrays that refer to one
 * another by number, so that a structured clone of `FileSystem.state` is a snapshot.
 * Law: byte arrays in it are replaced, never changed in place, so a digest of one may be remembered by identity.
 */

import type { ProgramImage } from '../../ports/program-image.ts';

/** A directory, file or link in the guest's name space. */
export type Location =
  | { readonly kind: 'memory'; readonly inode: number }
  | { readonly kind: 'host'; readonly mount: number; readonly path: readonly string[] }
  | { readonly kind: 'process'; readonly pid: number; readonly path: readonly string[] };

interface InodeBase {
  readonly number: number;
  /** Permission bits, 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  links: number;
  /** How many open files and working directories keep it alive beside its names. */
  holds: number;
  /** Guest wall-clock times, nanoseconds since 1970. */
  accessed: bigint;
  modified: bigint;
  changed: bigint;
  readonly born: bigint;
}

export interface FileInode extends InodeBase {
  readonly kind: 'file';
  size: number;
  /** Contents by block number (offset / 4096); a block that is absent reads as zeros, or as the program's image. */
  readonly blocks: Map<number, Uint8Array>;
  /** How many leading bytes come from the program's image where no block says otherwise. */
  image: number;
  /** F_SEAL_* bits of a memfd; undefined for other files. */
  seals?: number;
}

export interface DirectoryInode extends InodeBase {
  readonly kind: 'directory';
  readonly entries: Map<string, number>;
  parent: Location;
  /** The mount that covers this directory. */
  mount?: number;
}

export interface LinkInode extends InodeBase {
  readonly kind: 'symlink';
  readonly target: string;
}

export type DeviceName = 'null' | 'zero' | 'full' | 'random' | 'urandom' | 'tty';

export interface DeviceInode extends InodeBase {
  readonly kind: 'device';
  readonly device: DeviceName;
}

/** A file whose text is made when it is read (/proc/meminfo). `content` names the text. */
export interface GeneratedInode extends InodeBase {
  readonly kind: 'generated';
  readonly content: string;
}

export interface FifoInode extends InodeBase {
  readonly kind: 'fifo';
  pipe: number | undefined;
}

/** The name that a socket is bound to. */
export interface SocketInode extends InodeBase {
  readonly kind: 'socket';
}

export type Inode =
  FileInode | DirectoryInode | LinkInode | DeviceInode | GeneratedInode | FifoInode | SocketInode;

export type FileKind = Inode['kind'];

/** Up to 4096 bytes in one slot of a pipe. */
export interface PipeSlot {
  bytes: Uint8Array;
}

export interface Pipe {
  readonly number: number;
  slots: PipeSlot[];
  capacity: number;
  readers: number;
  writers: number;
  /** How many ends were ever opened: opening a FIFO waits for the other side to appear. */
  readersOpened: number;
  writersOpened: number;
  /** Counts of the wake-ups for readers and for writers: edge-triggered epoll reports when one moves. */
  inEdges: number;
  outEdges: number;
}

/** One message (datagram, seqpacket) or run of bytes (stream) in a socket's queue, with the files it carries. */
export interface SocketMessage {
  bytes: Uint8Array;
  readonly from: string;
  files: readonly number[];
  readonly pid: number;
}

export interface Socket {
  readonly number: number;
  readonly type: 'stream' | 'datagram' | 'seqpacket';
  state: 'fresh' | 'listening' | 'connected' | 'closed';
  /** Bound name: a path, or `\0…` in the abstract name space; '' when unbound. */
  name: string;
  boundInode: number | undefined;
  peer: number | undefined;
  /** Name of the peer (it may be gone). */
  peerName: string;
  peerPid: number;
  queue: SocketMessage[];
  queued: number;
  receiveShut: boolean;
  sendShut: boolean;
  /** Connections waiting for accept, and how many may. */
  backlog: number[];
  backlogLimit: number;
  passCredentials: boolean;
  /** A pending asynchronous error, as a negative errno; 0 for none. */
  error: number;
  inEdges: number;
  outEdges: number;
}

/** A file watched by an epoll instance. */
export interface EpollItem {
  readonly fd: number;
  readonly file: number;
  events: number;
  data: bigint;
  /** EPOLLONESHOT has fired. */
  disabled: boolean;
  /** The watched file's edge counts when it was last reported; -1: never. */
  seenIn: number;
  seenOut: number;
}

/** What an open file is. */
export type OpenObject =
  | { readonly kind: 'file'; readonly inode: number }
  | { readonly kind: 'directory'; readonly at: Location; listing: readonly DirectoryEntry[] | undefined }
  | { readonly kind: 'host'; readonly mount: number; path: readonly string[]; readonly handle: number }
  | { readonly kind: 'device'; readonly inode: number; readonly device: DeviceName }
  | { readonly kind: 'generated'; readonly at: Location; text: Uint8Array | undefined }
  | { readonly kind: 'path'; readonly at: Location }
  | { readonly kind: 'stream'; readonly stream: 'stdin' | 'stdout' | 'stderr'; ended: boolean }
  | { readonly kind: 'pipe'; readonly pipe: number; readonly inode: number | undefined }
  | { readonly kind: 'socket'; readonly socket: number }
  | {
      readonly kind: 'eventfd';
      count: bigint;
      readonly semaphore: boolean;
      inEdges: number;
      outEdges: number;
    }
  | {
      readonly kind: 'timerfd';
      readonly clock: number;
      /** Guest monotonic nanoseconds of the next expiry; undefined: disarmed. */
      next: bigint | undefined;
      interval: bigint;
      /** Expiries of earlier settings are never counted: the expiry count starts over when set. */
      edges: number;
    }
  | { readonly kind: 'epoll'; readonly items: Map<string, EpollItem>; ready: number };

export interface DirectoryEntry {
  readonly name: string;
  readonly inode: bigint;
  /** DT_* value. */
  readonly type: number;
}

/** An open file description: shared by descriptors that `dup`, `fork` or SCM_RIGHTS made. */
export interface OpenFile<Of extends OpenObject = OpenObject> {
  readonly number: number;
  /** Descriptors and messages that refer to it. */
  references: number;
  /** O_* access mode and status flags. */
  flags: number;
  offset: number;
  readonly object: Of;
}

export interface Descriptor {
  readonly file: number;
  closeOnExec: boolean;
}

/** File descriptors of a process. */
export interface FileTable {
  readonly descriptors: Map<number, Descriptor>;
  /** Descriptors are below this (RLIMIT_NOFILE). */
  limit: number;
}

/** What file system calls see of the process that makes them. */
export interface ProcessFiles {
  table: FileTable;
  workingDirectory: Location;
  umask: number;
}

/** A lock on a range of a file; `end` is exclusive, Infinity for "to the end of the file". */
export interface RangeLock {
  readonly owner: string;
  readonly pid: number;
  readonly exclusive: boolean;
  readonly start: number;
  readonly end: number;
}

export interface FileSystemState {
  readonly inodes: Map<number, Inode>;
  readonly files: Map<number, OpenFile>;
  readonly pipes: Map<number, Pipe>;
  readonly sockets: Map<number, Socket>;
  /** POSIX and open-file-description locks (`range:`), and flock locks (`whole:`), by the file they are on. */
  readonly locks: Map<string, readonly RangeLock[]>;
  readonly root: number;
  /** The /proc directory, whose numeric names are processes. */
  readonly proc: number;
  /** The next number for an inode, open file, pipe or socket. */
  next: number;
  /** Bytes of file contents held in memory, bounded by `contentLimit`. */
  held: number;
}

/** A host directory in the guest's name space. */
export interface Mount {
  readonly guest: string;
  readonly readOnly: boolean;
  /** The directory inode that it covers. */
  readonly inode: number;
  /** Directories of the guest's own tree that lie over paths below the mount, by that path. */
  readonly nested: ReadonlyMap<string, number>;
}

/** All files of a machine. Only `state` changes; a snapshot is a structured clone of it. */
export interface FileSystem {
  /** The program's image, at `programPath`. */
  readonly program: ProgramImage;
  readonly programPath: string;
  readonly mounts: readonly Mount[];
  state: FileSystemState;
}

/** Bytes of file contents that the guest may keep in memory. */
export const contentLimit = 2 ** 30;
export const blockSize = 4096;

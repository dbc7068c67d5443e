/**
 * The requests on files below mounts. Laws: only regular files are opened, and directories and links looked at; a
 * read-only mount takes no change; a descriptor of the host is known to the guest by a number of its own.
 */
import { Buffer } from 'node:buffer';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import process from 'node:process';
import { decodeName, encodeName } from '../../application/linux/files/names.ts';
import type { HostPath, HostReply, HostRequest, HostStat } from '../../application/ports/host-system.ts';
import { HostRefusal, codeOf } from './host-refusal.ts';
import type { MountRoot } from './mount-walk.ts';
import { type Place } from './mount-walk.ts';

type FileRequest = Exclude<HostRequest, { readonly call: 'readStdin' | 'writeOutput' }>;
type OpenRequest = Extract<HostRequest, { readonly call: 'open' }>;

const pathOnly = 0o10000000;
const noFollow = constants.O_NOFOLLOW ?? 0;
const largestRead = 2 ** 20;

export interface OpenedMount {
  readonly root: MountRoot;
  readonly readOnly: boolean;
}

const done: HostReply = { ok: true };

function describe(stat: BigIntStats): HostStat {
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    kind,
    size: Number(stat.size),
    mode: Number(stat.mode & 0o7777n),
    mtimeMs: Number(stat.mtimeNs / 1000n) / 1000,
    inode: Number(stat.ino),
    links: Number(stat.nlink),
  };
}

/** Opens what `place` names if it is a regular file, without touching anything else. */
function openRegular(place: Place, flags: number): number {
  if (process.platform !== 'linux') {
    if (!lstatSync(place).isFile()) throw new HostRefusal('EACCES');
    return openSync(place, flags | noFollow);
  }
  const found = openSync(place, pathOnly | noFollow);
  try {
    const stat = fstatSync(found);
    if (stat.isDirectory()) throw new HostRefusal('EISDIR');
    if (stat.isSymbolicLink()) throw new HostRefusal('ELOOP');
    if (!stat.isFile()) throw new HostRefusal('EACCES');
    return openSync(`/proc/self/fd/${String(found)}`, flags);
  } finally {
    closeSync(found);
  }
}

function openFile(place: Place, request: OpenRequest): number {
  const access = request.write ? constants.O_RDWR : constants.O_RDONLY;
  const truncate = request.truncate ? constants.O_TRUNC : 0;
  const existing = (): number => {
    try {
      return openRegular(place, access | truncate);
    } catch (error) {
      // A file that may be written but not read: the guest said only that it wants to write.
      if (!request.write || codeOf(error) !== 'EACCES') throw error;
      return openRegular(place, constants.O_WRONLY | truncate);
    }
  };
  if (!request.create) return existing();
  try {
    const made = openSync(
      place,
      constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow,
      request.mode | 0o600,
    );
    fchmodSync(made, request.mode);
    return made;
  } catch (error) {
    if (request.exclusive || codeOf(error) !== 'EEXIST') throw error;
    return existing();
  }
}

function changeMode(place: Place, mode: number): void {
  if (process.platform !== 'linux') {
    if (lstatSync(place).isSymbolicLink()) throw new HostRefusal('ELOOP');
    chmodSync(place, mode);
    return;
  }
  const found = openSync(place, pathOnly | noFollow);
  try {
    const stat = fstatSync(found);
    if (!stat.isFile() && !stat.isDirectory()) throw new HostRefusal('EACCES');
    chmodSync(`/proc/self/fd/${String(found)}`, mode);
  } finally {
    closeSync(found);
  }
}

/** Files of the host that one guest uses. */
export class MountedFiles {
  readonly #mounts: readonly OpenedMount[];
  readonly #open = new Map<number, { readonly descriptor: number; readonly writable: boolean }>();
  #next = 1;

  constructor(mounts: readonly OpenedMount[]) {
    this.#mounts = mounts;
  }

  #at<T>({ mount, path }: HostPath, use: (place: Place) => T): T {
    const opened = this.#mounts[mount];
    if (opened === undefined) throw new HostRefusal('ENODEV');
    return opened.root.at(path, use);
  }

  /** As `#at`, for a change; the mount's own directory is not to be changed. */
  #changing<T>(at: HostPath, use: (place: Place) => T): T {
    if (this.#mounts[at.mount]?.readOnly === true) throw new HostRefusal('EROFS');
    if (at.path.length === 0) throw new HostRefusal('EBUSY');
    return this.#at(at, use);
  }

  #descriptor(handle: number, writing: boolean): number {
    const file = this.#open.get(handle);
    if (file === undefined || (writing && !file.writable)) throw new HostRefusal('EBADF');
    return file.descriptor;
  }

  perform(request: FileRequest): HostReply {
    switch (request.call) {
      case 'stat':
        return {
          ok: true,
          stat: this.#at(request.at, (place) => describe(lstatSync(place, { bigint: true }))),
        };
      case 'readlink':
        return {
          ok: true,
          target: this.#at(request.at, (place) => decodeName(readlinkSync(place, 'buffer'))),
        };
      case 'list':
        return { ok: true, names: this.#at(request.at, (place) => this.#list(place)) };
      case 'open':
        return this.#openFile(request);
      case 'read': {
        const bytes = new Uint8Array(Math.min(request.length, largestRead));
        const count = readSync(
          this.#descriptor(request.handle, false),
          bytes,
          0,
          bytes.length,
          request.offset,
        );
        return { ok: true, bytes: bytes.slice(0, count) };
      }
      case 'write': {
        const { bytes, offset } = request;
        return {
          ok: true,
          value: writeSync(this.#descriptor(request.handle, true), bytes, 0, bytes.length, offset),
        };
      }
      case 'fstat':
        return {
          ok: true,
          stat: describe(fstatSync(this.#descriptor(request.handle, false), { bigint: true })),
        };
      case 'truncate':
        ftruncateSync(this.#descriptor(request.handle, true), request.size);
        return done;
      case 'close':
        closeSync(this.#descriptor(request.handle, false));
        this.#open.delete(request.handle);
        return done;
      default:
        return this.#change(request);
    }
  }

  /** Node lists a directory by its path: a link in its place is refused first, and on Linux cannot come in between. */
  #list(place: Place): readonly string[] {
    const names = (directory: Place): readonly string[] =>
      readdirSync(directory, 'buffer').map((name) => decodeName(name));
    if (process.platform !== 'linux') {
      if (!lstatSync(place).isDirectory()) throw new HostRefusal('ENOTDIR');
      return [...names(place)].sort();
    }
    const found = openSync(place, pathOnly | noFollow | constants.O_DIRECTORY);
    try {
      return [...names(`/proc/self/fd/${String(found)}/.`)].sort();
    } finally {
      closeSync(found);
    }
  }

  #openFile(request: OpenRequest): HostReply {
    const changes = request.write || request.create || request.truncate;
    const open = (place: Place): number => openFile(place, request);
    const descriptor = changes ? this.#changing(request.at, open) : this.#at(request.at, open);
    const handle = this.#next++;
    this.#open.set(handle, { descriptor, writable: request.write });
    return { ok: true, value: handle };
  }

  #change(
    request: Extract<
      FileRequest,
      { readonly call: 'mkdir' | 'remove' | 'rename' | 'symlink' | 'chmod' | 'setTimes' }
    >,
  ): HostReply {
    switch (request.call) {
      case 'mkdir':
        this.#changing(request.at, (place) => mkdirSync(place, request.mode));
        return done;
      case 'remove':
        this.#changing(request.at, (place) => {
          if (request.directory) rmdirSync(place);
          else if (lstatSync(place).isDirectory()) throw new HostRefusal('EISDIR');
          else unlinkSync(place);
        });
        return done;
      case 'rename':
        if (request.from.mount !== request.to.mount) throw new HostRefusal('EXDEV');
        this.#changing(request.from, (from) => {
          this.#changing(request.to, (to) => {
            renameSync(from, to);
          });
        });
        return done;
      case 'symlink':
        if (request.target === '' || request.target.includes('\0')) throw new HostRefusal('EINVAL');
        this.#changing(request.at, (place) => {
          symlinkSync(Buffer.from(encodeName(request.target)), place);
        });
        return done;
      case 'chmod':
        this.#changing(request.at, (place) => {
          changeMode(place, request.mode & 0o777);
        });
        return done;
      case 'setTimes':
        this.#changing(request.at, (place) => {
          lutimesSync(place, request.mtimeMs / 1000, request.mtimeMs / 1000);
        });
        return done;
    }
  }
}

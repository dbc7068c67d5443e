/** A Linux errno name, as a host operation reports it. */
export type Errno =
  | 'ENOENT'
  | 'EACCES'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'EINVAL'
  | 'EROFS'
  | 'ELOOP'
  | 'ENOSPC'
  | 'EIO'
  | 'EPERM'
  | 'EMFILE'
  | 'EBADF'
  | 'EXDEV'
  | 'ENAMETOOLONG'
  | 'EPIPE'
  | 'EBUSY'
  | 'EFBIG'
  | 'ENODEV';

export type HostStat = {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly size: number;
  /** Permission bits (0o7777). */
  readonly mode: number;
  readonly mtimeMs: number;
  readonly inode: number;
  readonly links: number;
};

/** A place under a mount: its number in the order given, and a path below it, components without `.`, `..` or links. */
export type HostPath = { readonly mount: number; readonly path: readonly string[] };

/**
 * Every question a guest can put to the outside. One request, one reply: recording is writing the replies down,
 * replay is answering from what was written. Requests are plain data.
 */
export type HostRequest =
  | { readonly call: 'stat'; readonly at: HostPath }
  | { readonly call: 'readlink'; readonly at: HostPath }
  | { readonly call: 'list'; readonly at: HostPath }
  | {
      readonly call: 'open';
      readonly at: HostPath;
      readonly write: boolean;
      readonly create: boolean;
      readonly exclusive: boolean;
      readonly truncate: boolean;
      readonly mode: number;
    }
  | { readonly call: 'read'; readonly handle: number; readonly offset: number; readonly length: number }
  | { readonly call: 'write'; readonly handle: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly call: 'fstat'; readonly handle: number }
  | { readonly call: 'truncate'; readonly handle: number; readonly size: number }
  | { readonly call: 'close'; readonly handle: number }
  | { readonly call: 'mkdir'; readonly at: HostPath; readonly mode: number }
  | { readonly call: 'remove'; readonly at: HostPath; readonly directory: boolean }
  | { readonly call: 'rename'; readonly from: HostPath; readonly to: HostPath }
  | { readonly call: 'symlink'; readonly at: HostPath; readonly target: string }
  | { readonly call: 'chmod'; readonly at: HostPath; readonly mode: number }
  | { readonly call: 'setTimes'; readonly at: HostPath; readonly mtimeMs: number }
  | { readonly call: 'readStdin'; readonly length: number }
  | { readonly call: 'writeOutput'; readonly to: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

export type HostReply =
  | {
      readonly ok: true;
      readonly value?: number;
      readonly stat?: HostStat;
      readonly names?: readonly string[];
      readonly target?: string;
      readonly bytes?: Uint8Array;
    }
  | { readonly ok: false; readonly error: Errno };

/** The outside world, asked synchronously by the guest's operating system. */
export interface HostSystem {
  perform(request: HostRequest): HostReply;
}

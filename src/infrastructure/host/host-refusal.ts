import type { Errno } from '../../application/ports/host-system.ts';

/** An operation on the host that fails with this error for the guest. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal';
  readonly code: Errno;

  constructor(code: Errno) {
    super(`the host refuses: ${code}`);
    this.code = code;
  }
}

// A record, so that a name added to Errno and forgotten here does not compile.
const known: Readonly<Record<Errno, true>> = {
  ENOENT: true,
  EACCES: true,
  EEXIST: true,
  ENOTDIR: true,
  EISDIR: true,
  ENOTEMPTY: true,
  EINVAL: true,
  EROFS: true,
  ELOOP: true,
  ENOSPC: true,
  EIO: true,
  EPERM: true,
  EMFILE: true,
  EBADF: true,
  EXDEV: true,
  ENAMETOOLONG: true,
  EPIPE: true,
  EBUSY: true,
  EFBIG: true,
  ENODEV: true,
};

/** The `code` of a node:fs error, whatever realm made it. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The name of a node:fs error; one that a guest cannot be told of by name is EIO. Other exceptions pass. */
export function errorName(error: unknown): Errno {
  const code = codeOf(error);
  if (code === undefined) throw error;
  return code in known ? (code as Errno) : 'EIO';
}

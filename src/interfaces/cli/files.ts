import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { CommandFailure } from './usage-error.ts';

/** Host files that the user names on the command line. Errors say which file, why, and what to do. */

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

const fileFailure = (verb: string, path: string, error: unknown): CommandFailure => {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new CommandFailure(
    `cannot-${verb}`,
    `cannot ${verb} ${path}`,
    causes[code] ?? (error as Error).message,
    code === 'ENOENT' ? 'check the path' : '',
    error,
  );
};

const largest = 2 ** 31 - 1;

/** Reads a whole file of at most 2 GiB. */
export function readWhole(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > largest) throw new Error(`it is too large (${size} bytes)`);
    return readFileSync(path);
  } catch (error) {
    throw fileFailure('read', path, error);
  }
}

export function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}

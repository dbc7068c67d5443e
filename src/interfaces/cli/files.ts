import { openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { imagePiece, type ProgramImage } from '../../application/ports/program-image.ts';
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

/** A program's file of at most 2 GiB, of which is read what is asked for; it stays open for as long as this process runs. */
export function openImage(path: string): ProgramImage {
  try {
    const about = statSync(path);
    // A pipe is read once, from its beginning.
    if (!about.isFile() || about.size > largest) return readWhole(path);
    return new FileImage(path, openSync(path, 'r'), about.size);
  } catch (error) {
    throw fileFailure('read', path, error);
  }
}

class FileImage implements ProgramImage {
  readonly length: number;
  readonly #path: string;
  readonly #file: number;
  /** For every piece of usual size the same bytes: memory that was not used before costs as much as reading. */
  readonly #piece = new Uint8Array(imagePiece);

  constructor(path: string, file: number, length: number) {
    this.#path = path;
    this.#file = file;
    this.length = length;
  }

  subarray(start: number, end: number): Uint8Array {
    const bytes =
      end - start <= imagePiece ? this.#piece.subarray(0, end - start) : new Uint8Array(end - start);
    try {
      for (let done = 0; done < bytes.length;) {
        const read = readSync(this.#file, bytes, done, bytes.length - done, start + done);
        if (read === 0) throw new Error('it has become shorter');
        done += read;
      }
    } catch (error) {
      throw fileFailure('read', this.#path, error);
    }
    return bytes;
  }
}

export function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}

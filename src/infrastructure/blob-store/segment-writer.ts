import { randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMagic } from './segment-format.ts';

/** A segment that has reached this size is left, and a new one begun. */
export const segmentLimit = 64 << 20;

/** Makes a change to a directory's entries durable, where the platform can (Windows does so by itself). */
export const syncDirectory = async (path: string): Promise<void> => {
  let directory: FileHandle | undefined;
  try {
    directory = await open(path, 'r');
    await directory.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL' && code !== 'EACCES') throw error;
  } finally {
    await directory?.close();
  }
};

/** A write that went only half way is followed by no other: the file is left as it is, and another one begun. */
export interface Written {
  readonly segment: string;
  readonly offset: number;
}

/**
 * Writes records to segment files of its own: created under a random name that must not exist, so that no two writers,
 * in this process or another, ever share a file.
 */
export class SegmentWriter {
  readonly #directory: string;
  readonly #limit: number;
  #file: { readonly name: string; readonly handle: FileHandle; size: number } | undefined;

  constructor(directory: string, limit = segmentLimit) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /** Appends one after the other; all are on the disk when the promise resolves. Gives where each begins. */
  async append(records: readonly (readonly Uint8Array[])[]): Promise<readonly Written[]> {
    const places: Written[] = [];
    try {
      let dirty = false;
      for (const parts of records) {
        if (this.#file !== undefined && this.#file.size >= this.#limit) {
          await this.close();
          dirty = false;
        }
        const file = (this.#file ??= await this.#create());
        places.push({ segment: file.name, offset: file.size });
        for (const part of parts) {
          await writeFully(file.handle, part, file.size);
          file.size += part.length;
        }
        dirty = true;
      }
      if (dirty) await this.#file?.handle.datasync();
      return places;
    } catch (error) {
      const failed = this.#file;
      this.#file = undefined;
      await failed?.handle.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    await file.handle.datasync();
    await file.handle.close();
  }

  async #create(): Promise<{ name: string; handle: FileHandle; size: number }> {
    const name = `${randomBytes(8).toString('hex')}.seg`;
    const handle = await open(join(this.#directory, name), 'wx');
    try {
      await writeFully(handle, fileMagic, 0);
      await syncDirectory(this.#directory);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return { name, handle, size: fileMagic.length };
  }
}

const writeFully = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
};

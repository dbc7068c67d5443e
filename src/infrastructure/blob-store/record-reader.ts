import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import type { Digest } from '../../domain/shared/digest.ts';
import type { SegmentRecord } from './segment-index.ts';
import { readExactly } from './segment-scan.ts';

const decompress = promisify(zstdDecompress);

/** Unpacked records are kept up to this many bytes: pages of a checkpoint are asked for one after the other. */
const cacheSize = 16 << 20;

type Blobs = ReadonlyMap<Digest, Uint8Array>;

/** Reads and unpacks records; checks the checksum, not the digests. */
export class RecordReader {
  readonly #directory: string;
  readonly #cache = new Map<SegmentRecord, { readonly blobs: Blobs; readonly size: number }>();
  #cached = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The blobs of a record, by digest; undefined where they cannot be read. */
  async blobs(record: SegmentRecord): Promise<Blobs | undefined> {
    const known = this.#cache.get(record);
    if (known !== undefined) {
      this.#cache.delete(record);
      this.#cache.set(record, known);
      return known.blobs;
    }
    const content = await this.#unpack(record);
    if (content === undefined) return undefined;
    const blobs = new Map<Digest, Uint8Array>();
    let offset = 0;
    for (const { digest, length } of record.head.entries) {
      blobs.set(digest, content.subarray(offset, offset + length));
      offset += length;
    }
    record.checked = true;
    this.#remember(record, blobs, content.length);
    return blobs;
  }

  async #unpack({ segment, payloadAt, head }: SegmentRecord): Promise<Uint8Array | undefined> {
    const length = head.entries.reduce((sum, entry) => sum + entry.length, 0);
    const payload = await this.#payload(segment, payloadAt, head.payloadLength);
    if (payload?.length !== head.payloadLength || crc32(payload) !== head.payloadChecksum) return undefined;
    if (head.codec === 'raw') return payload;
    try {
      const content = await decompress(payload, { maxOutputLength: Math.max(1, length) });
      return content.length === length ? content : undefined;
    } catch {
      return undefined;
    }
  }

  async #payload(segment: string, offset: number, length: number): Promise<Buffer | undefined> {
    try {
      const file = await open(join(this.#directory, segment), 'r');
      try {
        return await readExactly(file, offset, length);
      } finally {
        await file.close();
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Collected by another process, or unreadable on the medium: for the reader the same.
      if (code === 'ENOENT' || code === 'EIO') return undefined;
      throw error;
    }
  }

  #remember(record: SegmentRecord, blobs: Blobs, size: number): void {
    if (size > cacheSize / 2) return;
    this.#cache.set(record, { blobs, size });
    this.#cached += size;
    for (const [oldest, { size: freed }] of this.#cache) {
      if (this.#cached <= cacheSize) break;
      this.#cache.delete(oldest);
      this.#cached -= freed;
    }
  }
}

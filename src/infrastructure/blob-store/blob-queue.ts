import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, zstdCompress, zstdCompressSync } from 'node:zlib';
import { StoreFault } from '../../application/ports/store-fault.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { encodeHead, groupSize, mostBlobs, type RecordHead } from './segment-format.ts';
import type { SegmentRecord } from './segment-index.ts';
import type { SegmentWriter } from './segment-writer.ts';

const compress = promisify(zstdCompress);

interface Queued {
  readonly digest: Digest;
  readonly content: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
  readonly written: Promise<void>;
}

/** ZSTD_compressBound gives a 256th more than there was, and at most so many bytes. */
const someMore = 128;
/** What is looked at of large contents before they are compressed: so many pieces of so many bytes. */
const sampled = { pieces: 16, size: 4096 } as const;
/** Bytes taken in before callers have to wait. */
const mostQueued = 32 << 20;
/** Bytes written with one wait for the disk. */
const batchSize = 8 << 20;

/**
 * Blobs on their way to the disk.
 *
 * Laws:
 * - group commit: what is queued while a batch is written goes into the next one, with one sync for all;
 * - blobs that wait together are compressed together (zstd): pages of a checkpoint resemble each other;
 * - a blob is put in the index only when it is on the disk.
 */
export class BlobQueue {
  readonly #writer: SegmentWriter;
  readonly #directory: string;
  readonly #onWritten: (record: SegmentRecord, end: number) => void;
  readonly #queue: Queued[] = [];
  readonly #pending = new Map<Digest, Queued>();
  readonly #waiting: (() => void)[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(
    writer: SegmentWriter,
    directory: string,
    onWritten: (record: SegmentRecord, end: number) => void,
  ) {
    this.#writer = writer;
    this.#directory = directory;
    this.#onWritten = onWritten;
  }

  get isFull(): boolean {
    return this.#bytes >= mostQueued;
  }

  /** Resolves when something has been written. To be asked for only while the queue is full. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** The writing of a blob that is queued. */
  pending(digest: Digest): Promise<void> | undefined {
    return this.#pending.get(digest)?.written;
  }

  /** Resolves when the blob is on the disk. Throws StoreFault. */
  add(digest: Digest, content: Uint8Array): Promise<void> {
    const known = this.#pending.get(digest);
    if (known !== undefined) return known.written;
    const { promise: written, resolve, reject } = Promise.withResolvers<undefined>();
    const queued: Queued = {
      ...{ digest, content, written, reject },
      resolve: () => {
        resolve(undefined);
      },
    };
    // Whoever waits for it hears of a failure; that nobody may is no unhandled rejection.
    written.catch(() => undefined);
    this.#queue.push(queued);
    this.#pending.set(digest, queued);
    this.#bytes += content.length;
    this.#running ??= this.#run();
    return written;
  }

  /** Resolves when nothing is queued. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Lets the caller queue all of its blobs first.
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = takeUpTo(this.#queue, batchSize, Infinity);
      try {
        await this.#write(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(this.#asFault(error));
      }
      for (const { digest, content } of batch) {
        this.#pending.delete(digest);
        this.#bytes -= content.length;
      }
      for (const wake of this.#waiting.splice(0)) wake();
    }
    this.#running = undefined;
  }

  async #write(batch: Queued[]): Promise<void> {
    const groups: Queued[][] = [];
    while (batch.length > groups.reduce((sum, group) => sum + group.length, 0)) {
      const rest = batch.slice(groups.reduce((sum, group) => sum + group.length, 0));
      groups.push(takeUpTo(rest, groupSize, mostBlobs));
    }
    const packed = await Promise.all(groups.map(pack));
    const encoded = packed.map(({ head, payload }) => [encodeHead(head), payload] as const);
    const places = await this.#writer.append(encoded);
    packed.forEach(({ head }, index) => {
      const { segment, offset } = places[index]!;
      const payloadAt = offset + encoded[index]![0].length;
      this.#onWritten({ segment, payloadAt, head, checked: true }, payloadAt + head.payloadLength);
    });
  }

  #asFault(error: unknown): unknown {
    const { code, message } = error as NodeJS.ErrnoException;
    const file = join(this.#directory, '*.seg');
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return new StoreFault(
        'store-full',
        `There is no space left in ${this.#directory}. Free some space.`,
        { file },
        error,
      );
    }
    return new StoreFault(
      'store-unreadable',
      `${this.#directory} cannot be written: ${message}.`,
      { file },
      error,
    );
  }
}

/** Takes from the front of `queue` until `bytes` or `count` would be passed; at least one. */
const takeUpTo = (queue: Queued[], bytes: number, count: number): Queued[] => {
  let taken = 0;
  let size = 0;
  for (const { content } of queue) {
    if (taken > 0 && (size + content.length > bytes || taken >= count)) break;
    size += content.length;
    taken++;
  }
  return queue.splice(0, taken);
};

const pack = async (group: readonly Queued[]): Promise<{ head: RecordHead; payload: Uint8Array }> => {
  const entries = group.map(({ digest, content }) => ({ digest, length: content.length }));
  const raw = joined(group.map(({ content }) => content));
  const zstd = isWorthPacking(raw) ? await compress(raw, zstdFor(raw.length)) : raw;
  const smaller = zstd.length < raw.length;
  const payload = smaller ? zstd : raw;
  const payloadChecksum = crc32(payload);
  return {
    head: { codec: smaller ? 'zstd' : 'raw', entries, payloadLength: payload.length, payloadChecksum },
    payload,
  };
};

const zstdFor = (length: number) => ({
  // Twice as fast as the default, for a program's file and for memory, and a fourteenth larger.
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  // In one piece, also what cannot be made smaller, which saves copies.
  pledgedSrcSize: length,
  chunkSize: length + (length >> 8) + someMore,
});

/**
 * Whether samples of large contents can be made smaller by more than a sixteenth. Where they cannot, compressing all is work for
 * nothing (ADR 0048).
 */
const isWorthPacking = (raw: Uint8Array): boolean => {
  const { pieces, size } = sampled;
  if (raw.length < 8 * pieces * size) return true;
  const distance = Math.floor(raw.length / pieces);
  const samples = Buffer.concat(
    Array.from({ length: pieces }, (_, piece) => raw.subarray(piece * distance, piece * distance + size)),
  );
  return zstdCompressSync(samples, zstdFor(samples.length)).length < (15 / 16) * samples.length;
};

/** The contents one after the other: where they lie in memory, if they do so already. */
const joined = (contents: readonly Uint8Array[]): Uint8Array => {
  const first = contents[0]!;
  let end = first.byteOffset;
  for (const { buffer, byteOffset, length } of contents) {
    if (buffer !== first.buffer || byteOffset !== end) return Buffer.concat(contents);
    end += length;
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset);
};

import { mkdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../application/ports/blob-store.ts';
import { StoreFault, type Damage } from '../../application/ports/store-fault.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { BlobQueue } from './blob-queue.ts';
import { RecordReader } from './record-reader.ts';
import { SegmentIndex } from './segment-index.ts';
import { segmentLimit, SegmentWriter } from './segment-writer.ts';
import { checkBlobLength, sha256 } from './sha256.ts';

export interface SegmentBlobStoreOptions {
  /** Nobody else has the store open now: half-written records may be cut off. */
  readonly alone: boolean;
  /** Compare every payload's checksum on opening; by default the newest 256 MiB. Blobs are checked when read anyway. */
  readonly contents?: boolean;
  /** Does `work` while nobody else has the store open; throws StoreFault `store-locked` where that cannot be. */
  readonly exclusively: <T>(purpose: string, work: () => Promise<T>) => Promise<T>;
  /** Bytes after which a segment is left for a new one. */
  readonly segmentLimit?: number;
}

const alwaysChecked = 256 << 20;

/** Blobs in segment files of one directory, which several processes may use at once. */
export class SegmentBlobStore implements BlobStore {
  readonly #directory: string;
  readonly #index: SegmentIndex;
  readonly #reader: RecordReader;
  readonly #writer: SegmentWriter;
  readonly #queue: BlobQueue;
  readonly #exclusively: SegmentBlobStoreOptions['exclusively'];
  #closing: Promise<void> | undefined;

  private constructor(directory: string, options: SegmentBlobStoreOptions) {
    this.#directory = directory;
    this.#index = new SegmentIndex(directory);
    this.#reader = new RecordReader(directory);
    this.#writer = new SegmentWriter(directory, options.segmentLimit ?? segmentLimit);
    this.#queue = new BlobQueue(this.#writer, directory, (record, end) => {
      this.#index.add(record, end);
    });
    this.#exclusively = options.exclusively;
  }

  /** Opens or creates; `damage` says what cannot be read. Throws StoreFault. */
  static async open(
    directory: string,
    options: SegmentBlobStoreOptions,
  ): Promise<{ readonly store: SegmentBlobStore; readonly damage: readonly Damage[] }> {
    const store = new SegmentBlobStore(directory, options);
    try {
      await mkdir(directory, { recursive: true });
      const contentBytes =
        options.contents === true ? Infinity : options.contents === false ? 0 : alwaysChecked;
      const damage = await store.#index.scan({ contentBytes, truncate: options.alone });
      return { store, damage };
    } catch (error) {
      throw asUnreadable(error, directory);
    }
  }

  async put(content: Uint8Array): Promise<Digest> {
    const [digest] = await this.putMany([content]);
    return digest!;
  }

  /** The contents must not change before the promise resolves. */
  async putMany(contents: readonly Uint8Array[]): Promise<readonly Digest[]> {
    this.#mustBeOpen();
    contents.forEach(checkBlobLength);
    const digests: Digest[] = [];
    const written: Promise<void>[] = [];
    for (const content of contents) {
      this.#mustBeOpen();
      const digest = sha256(content);
      digests.push(digest);
      const sound = await this.#isSound(digest);
      while (this.#queue.isFull) await this.#queue.room();
      // From here to `add` nothing else runs: the queue cannot fill up, nor the blob be queued, in between.
      const pending = this.#queue.pending(digest);
      if (pending !== undefined) written.push(pending);
      else if (!sound) written.push(this.#queue.add(digest, content));
    }
    await Promise.all(written);
    return digests;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    this.#mustBeOpen();
    await this.#queue.pending(digest)?.catch(() => undefined);
    const content = (await this.#read(digest)) ?? (await this.#readAgain(digest));
    if (content !== undefined) return content;
    const segment = this.#index.lostIn(digest);
    if (segment !== undefined) {
      const file = join(this.#directory, segment);
      throw new StoreFault('blob-damaged', `Blob ${digest} is lost: its record in ${file} is damaged.`, {
        digest,
        file,
      });
    }
    throw new StoreFault('blob-missing', `There is no blob ${digest} in ${this.#directory}.`, { digest });
  }

  async has(digest: Digest): Promise<boolean> {
    this.#mustBeOpen();
    await this.#queue.pending(digest)?.catch(() => undefined);
    if (this.#index.find(digest) !== undefined) return true;
    await this.#rescan();
    return this.#index.find(digest) !== undefined;
  }

  async collect(live: ReadonlySet<Digest>): Promise<number> {
    this.#mustBeOpen();
    return this.#exclusively('collected', async () => {
      await this.#queue.idle();
      await this.#writer.close();
      await this.#rescan();
      const before = await this.#size();
      for (const [segment, { records, damaged }] of [...this.#index.segments]) {
        const kept = (record: (typeof records)[number], digest: Digest): boolean =>
          live.has(digest) && this.#index.find(digest) === record;
        const whole = records.every((record) =>
          record.head.entries.every(({ digest }) => kept(record, digest)),
        );
        // Of a damaged segment nothing is thrown away: more may be got out of it some day.
        if (whole || damaged) continue;
        const moved: Promise<void>[] = [];
        for (const record of records) {
          if (!record.head.entries.some(({ digest }) => kept(record, digest))) continue;
          const blobs = await this.#reader.blobs(record);
          if (blobs === undefined)
            throw new StoreFault('store-damaged', `${segment} became unreadable.`, { segment });
          for (const [digest, content] of blobs) {
            if (kept(record, digest)) moved.push(this.#queue.add(digest, new Uint8Array(content)));
          }
          if (this.#queue.isFull) await Promise.all(moved.splice(0));
        }
        await Promise.all(moved);
        this.#index.forget(segment);
        await unlink(join(this.#directory, segment));
        await this.#rescan();
      }
      return Math.max(0, before - (await this.#size()));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#queue.idle().then(() => this.#writer.close());
    return this.#closing;
  }

  /** Whether a blob is stored, and can really be read: only then need it not be written again. */
  async #isSound(digest: Digest): Promise<boolean> {
    const record = this.#index.find(digest);
    if (record === undefined) return false;
    return record.checked || (await this.#read(digest)) !== undefined;
  }

  async #read(digest: Digest): Promise<Uint8Array | undefined> {
    for (;;) {
      const record = this.#index.find(digest);
      if (record === undefined) return undefined;
      const content = (await this.#reader.blobs(record))?.get(digest);
      if (content !== undefined && sha256(content) === digest) return new Uint8Array(content);
      if (this.#index.find(digest) !== record) continue;
      this.#index.markDamaged(record);
    }
  }

  async #readAgain(digest: Digest): Promise<Uint8Array | undefined> {
    await this.#rescan();
    return this.#read(digest);
  }

  /** Another process may have written, or collected, since. */
  async #rescan(): Promise<void> {
    try {
      await this.#index.scan({ contentBytes: 0, truncate: false });
    } catch (error) {
      throw asUnreadable(error, this.#directory);
    }
  }

  async #size(): Promise<number> {
    let total = 0;
    for (const name of this.#index.segments.keys()) total += (await stat(join(this.#directory, name))).size;
    return total;
  }

  #mustBeOpen(): void {
    if (this.#closing === undefined) return;
    throw new StoreFault(
      'store-closed',
      `The blob store ${this.#directory} is closed; open it again to use it.`,
    );
  }
}

const asUnreadable = (error: unknown, directory: string): unknown => {
  if (typeof error !== 'object' || error === null || !('syscall' in error)) return error;
  const { message } = error as unknown as NodeJS.ErrnoException;
  return new StoreFault(
    'store-unreadable',
    `${directory} cannot be read: ${message}. Check that it is a directory that may be read and written.`,
    { file: directory },
    error,
  );
};

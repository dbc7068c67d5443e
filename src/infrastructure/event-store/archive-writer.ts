import { createHash } from 'node:crypto';
import { open, rename, rm, link, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import {
  ArchiveFault,
  type ArchiveContents,
  type ArchiveSummary,
  type Stores,
} from '../../application/ports/recording-archive.ts';
import { syncDirectory } from '../blob-store/segment-writer.ts';
import { chunkSize, fileHeader, kinds, recordHeader, type Kind } from './archive-format.ts';

const compress = (chunk: Uint8Array) => promisify(zstdCompress)(chunk);

/** Appends to an open file, hashing what it writes. */
class ArchiveSink {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #hash = createHash('sha256');
  bytes = 0;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.bytes += bytes.length;
    await this.#write(bytes);
  }

  async record(kind: Kind, payload: Uint8Array): Promise<void> {
    await this.put(Buffer.concat([recordHeader(kind, payload), payload]));
  }

  async json(kind: Kind, value: unknown): Promise<void> {
    await this.record(kind, Buffer.from(JSON.stringify(value), 'utf8'));
  }

  async end(counts: readonly number[]): Promise<void> {
    const payload = Buffer.alloc(44);
    counts.forEach((count, index) => payload.writeUInt32LE(count, index * 4));
    this.#hash.copy().digest().copy(payload, 12);
    await this.record(kinds.end, payload);
  }
}

/** Writes a new archive: beside its place first, moved there when it is whole and durable. */
export const writeArchive = async (
  path: string,
  contents: ArchiveContents,
  from: Stores,
): Promise<ArchiveSummary> => {
  const partial = `${path}.partial-${String(process.pid)}`;
  try {
    const file = await open(partial, 'wx');
    let summary: ArchiveSummary;
    try {
      const sink = new ArchiveSink(async (bytes) => {
        await file.appendFile(bytes);
      });
      summary = await writeContents(sink, contents, from);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveToNew(partial, path);
    await syncDirectory(dirname(path));
    return summary;
  } catch (error) {
    await rm(partial, { force: true });
    throw asArchiveFault(error, path);
  }
};

const writeContents = async (
  sink: ArchiveSink,
  contents: ArchiveContents,
  from: Stores,
): Promise<ArchiveSummary> => {
  await sink.put(fileHeader());
  const written = new Set<string>();
  for await (const digest of contents.blobs) {
    if (written.has(digest)) continue;
    written.add(digest);
    const content = await from.blobs.get(digest);
    const head = Buffer.alloc(36);
    head.write(digest, 0, 'hex');
    head.writeUInt32LE(content.length, 32);
    await sink.record(kinds.blob, head);
    for (let at = 0; at < content.length; at += chunkSize) {
      const chunk = content.subarray(at, at + chunkSize);
      const packed = await compress(chunk);
      const smaller = packed.length < chunk.length;
      await sink.record(
        kinds.chunk,
        Buffer.concat([Uint8Array.of(smaller ? 1 : 0), smaller ? packed : chunk]),
      );
    }
  }
  const streams: { name: string; events: number }[] = [];
  for (const name of new Set(contents.streams)) {
    let last = -1;
    for await (const { revision } of from.events.read(name, { direction: 'backwards', limit: 1 }))
      last = revision;
    // A stream that is being written goes in as it is now.
    const events = last + 1;
    if (events === 0) {
      throw new ArchiveFault('archive-unreadable', `There is no stream ${name} to put into the archive.`, {
        stream: name,
      });
    }
    await sink.json(kinds.stream, { name, events });
    let written = 0;
    for await (const { id, type, version, data } of from.events.read(name, { limit: events })) {
      await sink.json(kinds.event, { id, type, version, data });
      written++;
    }
    if (written !== events) {
      throw new ArchiveFault('archive-unreadable', `Stream ${name} was deleted meanwhile.`, { stream: name });
    }
    streams.push({ name, events });
  }
  await sink.end([written.size, streams.length, streams.reduce((sum, { events }) => sum + events, 0)]);
  return { streams, blobs: written.size, bytes: sink.bytes };
};

/** Gives a file its name without replacing what has that name. */
const moveToNew = async (partial: string, path: string): Promise<void> => {
  try {
    await link(partial, path);
    await unlink(partial);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // File systems without hard links: the check and the move are two steps there.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
    await (await open(path, 'wx')).close();
    await rename(partial, path);
  }
};

/** File system errors in the archive's terms; everything else as it is. */
export const asArchiveFault = (error: unknown, path: string): unknown => {
  if (typeof error !== 'object' || error === null || !('syscall' in error)) return error;
  const { code, message } = error as unknown as NodeJS.ErrnoException;
  if (code === 'EEXIST') {
    return new ArchiveFault(
      'archive-exists',
      `${path} exists already; remove it, or choose another name.`,
      { file: path },
      error,
    );
  }
  return new ArchiveFault('archive-unreadable', `${path} cannot be used: ${message}.`, { file: path }, error);
};

import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, zstdDecompress, type ZstdOptions } from 'node:zlib';
import type { EventToAppend } from '../../application/ports/event-store.ts';
import { ArchiveFault } from '../../application/ports/recording-archive.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { longestBlob } from '../blob-store/sha256.ts';
import {
  archiveMagic,
  archiveVersion,
  chunkSize,
  fileHeaderSize,
  kinds,
  longestPayload,
  recordChecksum,
  recordHeaderSize,
} from './archive-format.ts';
import { checkName, longestEvent } from './append-rules.ts';

/** What an archive holds, in its order. Everything yielded has been checked, up to the record it comes from. */
export type ArchiveItem =
  | { readonly kind: 'blob'; readonly digest: Digest; readonly content: Uint8Array }
  | { readonly kind: 'stream'; readonly name: string; readonly events: number }
  | { readonly kind: 'event'; readonly event: EventToAppend };

/** Looked up when it is used, for Node's zlib takes long to load. */
const decompress = (packed: Uint8Array, limit: ZstdOptions) => promisify(zstdDecompress)(packed, limit);

/**
 * Reads an archive that may be anything at all. No length is believed before the file is seen to be that long; memory is
 * bounded by one blob or one event. Throws ArchiveFault with the byte where it went wrong.
 */
export async function* readArchive(path: string): AsyncGenerator<ArchiveItem> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    yield* new ArchiveReading(path, file, size).items();
  } finally {
    await file.close();
  }
}

interface Record {
  readonly kind: number;
  readonly payload: Buffer;
}

class ArchiveReading {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #hash = createHash('sha256');
  #offset = 0;
  #recordAt = 0;

  constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  async *items(): AsyncGenerator<ArchiveItem> {
    await this.#header();
    const counts = [0, 0, 0];
    const names = new Set<string>();
    let eventsToCome = 0;
    for (;;) {
      const sum = this.#hash.copy().digest();
      const { kind, payload } = await this.#record();
      if (eventsToCome > 0 && kind !== kinds.event)
        throw this.#damaged('a stream has fewer events than it announced');
      switch (kind) {
        case kinds.blob:
          counts[0]!++;
          yield await this.#blob(payload);
          break;
        case kinds.stream: {
          const stream = this.#stream(payload);
          if (names.has(stream.name)) throw this.#damaged(`stream ${stream.name} occurs twice`);
          names.add(stream.name);
          counts[1]!++;
          eventsToCome = stream.events;
          yield stream;
          break;
        }
        case kinds.event:
          if (eventsToCome-- === 0) throw this.#damaged('an event belongs to no stream');
          counts[2]!++;
          yield { kind: 'event', event: this.#event(payload) };
          break;
        case kinds.end:
          this.#end(payload, counts, sum);
          return;
        default:
          throw this.#damaged(`record kind ${String(kind)} is not known`);
      }
    }
  }

  async #header(): Promise<void> {
    const header =
      this.#size < fileHeaderSize ? Buffer.alloc(fileHeaderSize) : await this.#read(fileHeaderSize);
    if (!header.subarray(0, 8).equals(archiveMagic)) {
      throw new ArchiveFault('archive-unsupported', `${this.#path} is not a recording archive.`, {
        file: this.#path,
      });
    }
    if (header.readUInt32LE(12) !== crc32(header.subarray(0, 12)))
      throw this.#damaged('the file header is damaged');
    const version = header.readUInt32LE(8);
    if (version !== archiveVersion) {
      const message = `${this.#path} has archive format ${String(version)}; this Isochron reads ${String(archiveVersion)}.`;
      throw new ArchiveFault('archive-unsupported', message, { file: this.#path, version });
    }
  }

  async #record(): Promise<Record> {
    this.#recordAt = this.#offset;
    const header = await this.#read(recordHeaderSize);
    const length = header.readUInt32LE(4);
    if (length > longestPayload)
      throw this.#damaged(`a record of ${String(length)} bytes is longer than any may be`);
    const payload = await this.#read(length);
    const sound = header.readUInt32LE(8) === recordChecksum(header, payload) && header.readUIntLE(1, 3) === 0;
    if (!sound) throw this.#damaged('a record has a wrong checksum');
    return { kind: header.readUInt8(0), payload };
  }

  async #blob(head: Buffer): Promise<ArchiveItem> {
    if (head.length !== 36) throw this.#damaged('the beginning of a blob has a wrong length');
    const digest = head.toString('hex', 0, 32) as Digest;
    const length = head.readUInt32LE(32);
    if (length > longestBlob)
      throw this.#damaged(`blob ${digest} is longer than ${String(longestBlob)} bytes`);
    const chunks: Uint8Array[] = [];
    const hash = createHash('sha256');
    for (let done = 0; done < length; done += chunkSize) {
      const { kind, payload } = await this.#record();
      if (kind !== kinds.chunk) throw this.#damaged(`blob ${digest} is not complete`);
      const chunk = await this.#chunk(payload, Math.min(chunkSize, length - done));
      hash.update(chunk);
      chunks.push(chunk);
    }
    if (hash.digest('hex') !== digest)
      throw this.#damaged(`the content of blob ${digest} has another digest`);
    return { kind: 'blob', digest, content: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) };
  }

  async #chunk(payload: Buffer, length: number): Promise<Uint8Array> {
    const codec = payload[0];
    if (codec !== 0 && codec !== 1) throw this.#damaged('a part of a blob has an unknown codec');
    const stored = payload.subarray(1);
    let content: Uint8Array;
    try {
      content = codec === 0 ? stored : await decompress(stored, { maxOutputLength: length });
    } catch (error) {
      throw this.#damaged('a part of a blob cannot be unpacked', error);
    }
    if (content.length !== length) throw this.#damaged('a part of a blob has a wrong length');
    return content;
  }

  #stream(payload: Buffer): Extract<ArchiveItem, { kind: 'stream' }> {
    const { name, events } = this.#object(payload);
    if (typeof name !== 'string' || !Number.isSafeInteger(events) || (events as number) < 1) {
      throw this.#damaged('the beginning of a stream does not say its name and length');
    }
    this.#checkName('stream name', name);
    // Names are shown and used as keys, never as paths; one that looks like a path is not ours.
    if (/[/\\]/.test(name) || name === '.' || name === '..') {
      throw this.#damaged(`stream name ${JSON.stringify(name)} looks like a path`);
    }
    return { kind: 'stream', name, events: events as number };
  }

  #event(payload: Buffer): EventToAppend {
    const { id, type, version, data } = this.#object(payload);
    if (
      typeof id !== 'string' ||
      typeof type !== 'string' ||
      !Number.isSafeInteger(version) ||
      data === undefined
    ) {
      throw this.#damaged('an event lacks its id, type, version or data');
    }
    this.#checkName('event id', id);
    this.#checkName('event type', type);
    const fits = (version as number) >= 0 && this.#lengthOf(data) <= longestEvent;
    if (!fits) throw this.#damaged('an event is out of bounds');
    return { id, type, version: version as number, data: data as EventToAppend['data'] };
  }

  #lengthOf(data: unknown): number {
    try {
      return JSON.stringify(data).length;
    } catch (error) {
      throw this.#damaged('an event is nested too deeply', error);
    }
  }

  #object(payload: Buffer): { readonly [key: string]: unknown } {
    try {
      const value: unknown = JSON.parse(
        new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload),
      );
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    } catch (error) {
      throw this.#damaged('a record is not JSON', error);
    }
    throw this.#damaged('a record is not a JSON object');
  }

  #checkName(what: string, name: string): void {
    try {
      checkName(what, name);
    } catch (error) {
      throw this.#damaged((error as Error).message, error);
    }
  }

  #end(payload: Buffer, counts: readonly number[], sum: Buffer): void {
    const right =
      payload.length === 44 &&
      counts.every((count, index) => payload.readUInt32LE(index * 4) === count) &&
      payload.subarray(12).equals(sum);
    if (!right) throw this.#damaged('the digest or the counts at the end do not fit what came before');
    if (this.#offset !== this.#size) throw this.#damaged('there is something after the end');
  }

  async #read(length: number): Promise<Buffer> {
    if (this.#offset + length > this.#size) {
      throw this.#damaged(
        `the file ends in the middle of a record: it was cut short at ${String(this.#size)} bytes`,
      );
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#file.read(bytes, done, length - done, this.#offset + done);
      if (bytesRead === 0) throw this.#damaged('the file became shorter while it was read');
      done += bytesRead;
    }
    this.#hash.update(bytes);
    this.#offset += length;
    return bytes;
  }

  #damaged(what: string, cause?: unknown): ArchiveFault {
    const offset = this.#recordAt;
    const message = `${this.#path} is damaged at byte ${String(offset)}: ${what}. Nothing of it was taken in; get a new copy.`;
    return new ArchiveFault('archive-damaged', message, { file: this.#path, offset }, cause);
  }
}

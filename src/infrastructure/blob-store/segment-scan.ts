import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  announcedBlobs,
  decodeHead,
  fileMagic,
  headerSize,
  headLength,
  recordMagic,
  type RecordHead,
} from './segment-format.ts';

export interface FoundRecord {
  readonly kind: 'record';
  readonly offset: number;
  readonly payloadAt: number;
  readonly end: number;
  readonly head: RecordHead;
  /** Whether the payload's checksum is right; undefined when it was not looked at. */
  readonly sound: boolean | undefined;
}

/** Bytes that belong to no record. `torn`: the beginning of a record at the end of the file. */
export interface FoundGap {
  readonly kind: 'gap' | 'torn';
  readonly offset: number;
  readonly end: number;
}

const chunkSize = 1 << 20;

export const readExactly = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
};

/** The head of a record that begins at `offset`; 'torn' where the file ends before the record could be judged. */
const headAt = async (
  file: FileHandle,
  offset: number,
  size: number,
): Promise<RecordHead | 'torn' | undefined> => {
  const header = await readExactly(file, offset, Math.min(headerSize, size - offset));
  const start = header.subarray(0, 4);
  if (!start.equals(recordMagic.subarray(0, start.length))) return undefined;
  if (header.length < headerSize) return 'torn';
  const count = announcedBlobs(header);
  if (count === undefined) return undefined;
  const length = headLength(count);
  if (offset + length > size) return 'torn';
  return decodeHead(await readExactly(file, offset, length));
};

/** The next place at or after `offset` where a record's magic stands; `size` when there is none. */
const nextMagic = async (file: FileHandle, offset: number, size: number): Promise<number> => {
  for (let at = offset; at < size; at += chunkSize) {
    const chunk = await readExactly(file, at, Math.min(chunkSize + recordMagic.length - 1, size - at));
    const found = chunk.indexOf(recordMagic);
    if (found >= 0) return at + found;
  }
  return size;
};

const checksumOf = async (file: FileHandle, offset: number, end: number): Promise<number> => {
  let sum = 0;
  for (let at = offset; at < end; at += chunkSize) {
    sum = crc32(await readExactly(file, at, Math.min(chunkSize, end - at)), sum);
  }
  return sum;
};

/**
 * Everything in a segment file from `from` on, in order, without gaps between what is reported. With `contents`, payloads
 * are read and checked. Memory is bounded by `chunkSize` and one record's table.
 */
export async function* scanSegment(
  file: FileHandle,
  size: number,
  from: number,
  contents: boolean,
): AsyncGenerator<FoundRecord | FoundGap> {
  let offset = from;
  if (offset === 0) {
    const magic = await readExactly(file, 0, Math.min(fileMagic.length, size));
    offset = Math.min(fileMagic.length, size);
    if (!magic.equals(fileMagic.subarray(0, magic.length))) yield { kind: 'gap', offset: 0, end: offset };
    else if (magic.length < fileMagic.length) yield { kind: 'torn', offset: 0, end: size };
  }
  let gap: number | undefined;
  let torn = false;
  while (offset < size) {
    const head = await headAt(file, offset, size);
    const payloadAt = offset + headLength(typeof head === 'object' ? head.entries.length : 0);
    const end = typeof head === 'object' ? payloadAt + head.payloadLength : size;
    if (typeof head === 'object' && end <= size) {
      if (gap !== undefined) yield { kind: 'gap', offset: gap, end: offset };
      gap = undefined;
      torn = false;
      const sound = contents ? (await checksumOf(file, payloadAt, end)) === head.payloadChecksum : undefined;
      yield { kind: 'record', offset, payloadAt, end, head, sound };
      offset = end;
      continue;
    }
    // A record that the file's end cuts off may still be damage in its length: look whether records follow.
    if (gap === undefined) torn = head !== undefined;
    gap ??= offset;
    offset = await nextMagic(file, offset + 1, size);
  }
  if (gap !== undefined) yield { kind: torn ? 'torn' : 'gap', offset: gap, end: size };
}

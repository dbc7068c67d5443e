import { crc32 } from 'node:zlib';
import type { Digest } from '../../domain/shared/digest.ts';
import { longestBlob } from './sha256.ts';

/**
 * Segment files: append-only, never changed once written (docs/explanation/storage.md). Little endian.
 *
 *   file    'ISOSEG1\n', then records
 *   record  0  u32  magic 'ISOB'
 *           4  u8   codec: 0 raw, 1 zstd    5  u8 ×3  zero
 *           8  u32  number of blobs, n      12 u32  bytes of payload
 *           16 u32  CRC-32 of the payload   20 u32  CRC-32 of bytes 0…19 and the table
 *           24      table: n × { SHA-256 of the blob, u32 its length }
 *                   payload: the blobs one after the other, under the codec as a whole
 *
 * Law: header and table are checked on their own, so that a damaged payload still says what it held, and a damaged
 * record does not hide the next one.
 */

export const fileMagic = Buffer.from('ISOSEG1\n', 'latin1');
export const recordMagic = Buffer.from('ISOB', 'latin1');
export const headerSize = 24;
export const entrySize = 36;
/** More blobs than this are not put into one record. */
export const mostBlobs = 4096;
/** Blobs are gathered into records of about this many bytes; a larger blob has a record of its own. */
export const groupSize = 1 << 20;

export type Codec = 'raw' | 'zstd';

export interface Entry {
  readonly digest: Digest;
  readonly length: number;
}

export interface RecordHead {
  readonly codec: Codec;
  readonly entries: readonly Entry[];
  readonly payloadLength: number;
  readonly payloadChecksum: number;
}

export const headLength = (entries: number): number => headerSize + entries * entrySize;

export const encodeHead = ({ codec, entries, payloadLength, payloadChecksum }: RecordHead): Buffer => {
  const head = Buffer.alloc(headLength(entries.length));
  recordMagic.copy(head, 0);
  head.writeUInt8(codec === 'zstd' ? 1 : 0, 4);
  head.writeUInt32LE(entries.length, 8);
  head.writeUInt32LE(payloadLength, 12);
  head.writeUInt32LE(payloadChecksum, 16);
  entries.forEach(({ digest, length }, index) => {
    const at = headerSize + index * entrySize;
    head.write(digest, at, 'hex');
    head.writeUInt32LE(length, at + 32);
  });
  head.writeUInt32LE(headChecksum(head), 20);
  return head;
};

const headChecksum = (head: Uint8Array): number =>
  crc32(head.subarray(headerSize), crc32(head.subarray(0, 20)));

/** How many blobs a header announces; undefined where the bytes cannot be a header. Takes at least `headerSize` bytes. */
export const announcedBlobs = (header: Buffer): number | undefined => {
  const count = header.readUInt32LE(8);
  const plausible =
    header.subarray(0, 4).equals(recordMagic) && header.readUInt8(4) <= 1 && count >= 1 && count <= mostBlobs;
  return plausible ? count : undefined;
};

/** Header and table together; undefined where their checksum is wrong or they contradict themselves. */
export const decodeHead = (head: Buffer): RecordHead | undefined => {
  if (head.readUInt32LE(20) !== headChecksum(head)) return undefined;
  const entries: Entry[] = [];
  let total = 0;
  for (let at = headerSize; at < head.length; at += entrySize) {
    const length = head.readUInt32LE(at + 32);
    total += length;
    entries.push({ digest: head.toString('hex', at, at + 32) as Digest, length });
  }
  const codec = head.readUInt8(4) === 1 ? 'zstd' : 'raw';
  const payloadLength = head.readUInt32LE(12);
  const fits =
    total <= Math.max(longestBlob, groupSize) &&
    payloadLength <= total &&
    (codec === 'zstd' || payloadLength === total);
  return fits ? { codec, entries, payloadLength, payloadChecksum: head.readUInt32LE(16) } : undefined;
};

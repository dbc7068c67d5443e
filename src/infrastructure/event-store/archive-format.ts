import { crc32 } from 'node:zlib';

/**
 * One file that carries recordings from store to store (docs/reference/archive-format.md). Little endian.
 *
 *   file    'ISOARCH\n', u32 version 1, u32 CRC-32 of the 12 bytes before, then records, the last of kind 'end'
 *   record  0  u8   kind          1  u8 ×3  zero
 *           4  u32  bytes of payload
 *           8  u32  CRC-32 of the first 8 bytes and the payload
 *           12      payload
 *
 * Law: the end record carries the SHA-256 of every byte before it, and is followed by nothing.
 */

export const archiveMagic = Buffer.from('ISOARCH\n', 'latin1');
export const archiveVersion = 1;
export const fileHeaderSize = 16;
export const recordHeaderSize = 12;

/** The longest payload: an event of the greatest length whose every character takes three bytes, and its frame. */
export const longestPayload = 3 * (1 << 24) + 65_536;
/** Bytes of a blob in one record. */
export const chunkSize = 1 << 20;

export const kinds = {
  /** Blob begins: SHA-256 (32 bytes), u32 length. Its chunks follow. */
  blob: 1,
  /** u8 codec (0 raw, 1 zstd), then up to 1 MiB of the blob (its length when unpacked). */
  chunk: 2,
  /** JSON `{ "name", "events" }`: a stream of so many events begins. They follow. */
  stream: 3,
  /** JSON `{ "id", "type", "version", "data" }`. */
  event: 4,
  /** u32 blobs, u32 streams, u32 events, SHA-256 of the file up to this record's header (32 bytes). */
  end: 5,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

export const fileHeader = (): Buffer => {
  const header = Buffer.alloc(fileHeaderSize);
  archiveMagic.copy(header);
  header.writeUInt32LE(archiveVersion, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
  return header;
};

export const recordHeader = (kind: Kind, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(recordHeaderSize);
  header.writeUInt8(kind, 0);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(recordChecksum(header, payload), 8);
  return header;
};

export const recordChecksum = (header: Uint8Array, payload: Uint8Array): number =>
  crc32(payload, crc32(header.subarray(0, 8)));

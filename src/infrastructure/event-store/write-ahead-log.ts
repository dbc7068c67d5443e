import { readSync, openSync, closeSync, fstatSync } from 'node:fs';

/**
 * Checks SQLite's write-ahead log before SQLite does: recovery stops at the first frame whose checksum is wrong and drops
 * all that follows without a word, which after damage (unlike after a torn write) loses committed transactions.
 * The format is sqlite.org/fileformat2.html#walformat.
 */

const headerSize = 32;
const frameHeaderSize = 24;
const magicLittleEndian = 0x377f0682;
const magicBigEndian = 0x377f0683;

export interface WriteAheadLogDamage {
  readonly what: string;
  /** Frames (changed pages) that follow the damage and will be dropped. */
  readonly framesLost: number;
}

type Sums = readonly [number, number];

/** Fibonacci-weighted sums over pairs of 32-bit words, modulo 2^32. */
const checksum = (
  [first, second]: Sums,
  bytes: DataView,
  start: number,
  end: number,
  little: boolean,
): Sums => {
  let a = first;
  let b = second;
  for (let at = start; at < end; at += 8) {
    a = (a + bytes.getUint32(at, little) + b) >>> 0;
    b = (b + bytes.getUint32(at + 4, little) + a) >>> 0;
  }
  return [a, b];
};

const readAt = (handle: number, offset: number, length: number): DataView => {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = readSync(handle, bytes, done, length - done, offset + done);
    if (got === 0) break;
    done += got;
  }
  return new DataView(bytes.buffer, 0, done);
};

/** Undefined: nothing wrong, or only what a torn last write leaves. The file must be at rest. */
export const checkWriteAheadLog = (path: string): WriteAheadLogDamage | undefined => {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return checkFrames(handle, fstatSync(handle).size);
  } finally {
    closeSync(handle);
  }
};

const checkFrames = (handle: number, size: number): WriteAheadLogDamage | undefined => {
  // A log shorter than one frame never held a committed transaction.
  if (size < headerSize + frameHeaderSize + 512) return undefined;
  const header = readAt(handle, 0, headerSize);
  const magic = header.getUint32(0);
  const little = magic === magicLittleEndian;
  let sums = checksum([0, 0], header, 0, 24, little);
  const sound =
    (little || magic === magicBigEndian) &&
    sums[0] === header.getUint32(24) &&
    sums[1] === header.getUint32(28);
  if (!sound) return { what: 'its header is damaged', framesLost: Math.floor(size / 4096) };
  const pageSize = header.getUint32(8);
  const salts: Sums = [header.getUint32(16), header.getUint32(20)];
  const frameSize = frameHeaderSize + pageSize;
  let bad: number | undefined;
  let badCommits = false;
  let lost = 0;
  for (let index = 0; headerSize + (index + 1) * frameSize <= size; index++) {
    const frame = readAt(handle, headerSize + index * frameSize, frameSize);
    const current = frame.getUint32(8) === salts[0] && frame.getUint32(12) === salts[1];
    if (bad === undefined) {
      sums = checksum(sums, frame, 0, 8, little);
      sums = checksum(sums, frame, frameHeaderSize, frameSize, little);
      if (current && sums[0] === frame.getUint32(16) && sums[1] === frame.getUint32(20)) continue;
      bad = index;
    }
    // Frames with other salts are left from before the last checkpoint, unless a sound generation goes on after them.
    if (!current) continue;
    lost++;
    if (frame.getUint32(4) !== 0) badCommits = true;
  }
  if (bad === undefined || !badCommits) return undefined;
  return { what: `frame ${String(bad)} has a wrong checksum`, framesLost: lost };
};

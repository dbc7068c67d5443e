import type { ByteWriter, ByteReader } from '../recording/byte-stream.ts';

/**
 * Sets of bits, as bytes: `same` as the set before, `raw`, or the places where runs of equal bits end, the first run being one of
 * zeros, each as its distance from the one before.
 */
const [same, raw, runs] = [0, 1, 2];

/** A set of `8 * length` bits, from a byte on. */
export interface BitSet {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly length: number;
}

/** Where runs end, as far as sets are written one after the other. */
const ends = new Uint16Array(0x1_0000);

/** Writes a set of at most 2^16 - 1 bits. */
export function writeBits(sink: ByteWriter, bits: BitSet, before: BitSet | undefined): void {
  if (before !== undefined && equal(bits, before)) return sink.byte(same);
  const count = findRunEnds(bits);
  let bytes = 1;
  for (let at = 0; at < count; at++) bytes += ends[at]! - (ends[at - 1] ?? 0) < 0x80 ? 1 : 2;
  if (bytes > bits.length) {
    sink.byte(raw);
    return sink.raw(bits.bytes.subarray(bits.at, bits.at + bits.length));
  }
  sink.varint(runs + count);
  for (let at = 0; at < count; at++) sink.varint(ends[at]! - (ends[at - 1] ?? 0));
}

/** Reads a set of `8 * length` bits. Throws RangeError for bytes that are none. */
export function readBits(source: ByteReader, length: number, before: Uint8Array | undefined): Uint8Array {
  const form = source.varint();
  if (form === same) {
    if (before === undefined) throw new RangeError('a set is the same as none');
    return before;
  }
  if (form === raw) return source.raw(length);
  const bits = new Uint8Array(length);
  let at = 0;
  for (let run = 0; run < form - runs; run++) {
    const end = at + source.varint();
    if (end > 8 * length) throw new RangeError(`a run ends at bit ${end} of ${8 * length}`);
    if (run % 2 === 1) fill(bits, at, end);
    at = end;
  }
  return bits;
}

/** Puts them into `ends`; gives their number. Bit 0 begins a run of zeros, which may be empty; the last run of zeros is left out. */
function findRunEnds({ bytes, at, length }: BitSet): number {
  let [count, current] = [0, 0];
  for (let index = 0; index < length; index++) {
    const byte = bytes[at + index]!;
    if (byte === (current === 0 ? 0 : 0xff)) continue;
    for (let bit = 0; bit < 8; bit++) {
      if (((byte >> bit) & 1) === current) continue;
      ends[count++] = 8 * index + bit;
      current ^= 1;
    }
  }
  if (current === 1) ends[count++] = 8 * length;
  return count;
}

function fill(bits: Uint8Array, from: number, end: number): void {
  for (let bit = from; bit < end; bit++)
    if (bit % 8 === 0 && bit + 8 <= end) {
      bits[bit >> 3] = 0xff;
      bit += 7;
    } else bits[bit >> 3] = bits[bit >> 3]! | (1 << (bit & 7));
}

function equal(a: BitSet, b: BitSet): boolean {
  for (let at = 0; at < a.length; at++) if (a.bytes[a.at + at] !== b.bytes[b.at + at]) return false;
  return a.length === b.length;
}

import type { ByteWriter, ByteReader } from '../recording/byte-stream.ts';

/**
 * Sets of bits, as bytes: `same` as the set before, `raw`, or the places where runs of equal bits end, the first run being one of
 * zeros, each as its distance from the one before.
 */
const [same, raw, runs] = [0, 1, 2];

export function writeBits(sink: ByteWriter, bits: Uint8Array, before: Uint8Array | undefined): void {
  if (before !== undefined && equal(bits, before)) return sink.byte(same);
  const ends = runEnds(bits);
  let bytes = 1;
  for (const [at, end] of ends.entries()) bytes += end - (ends[at - 1] ?? 0) < 0x80 ? 1 : 2;
  if (bytes > bits.length) {
    sink.byte(raw);
    return sink.raw(bits);
  }
  sink.varint(runs + ends.length);
  let last = 0;
  for (const end of ends) {
    sink.varint(end - last);
    last = end;
  }
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

/** Bit 0 begins a run of zeros, which may be empty; the last run of zeros is left out. */
function runEnds(bits: Uint8Array): readonly number[] {
  const ends: number[] = [];
  let current = 0;
  for (const [index, byte] of bits.entries()) {
    if (byte === (current === 0 ? 0 : 0xff)) continue;
    for (let bit = 0; bit < 8; bit++) {
      const value = (byte >> bit) & 1;
      if (value === current) continue;
      ends.push(8 * index + bit);
      current = value;
    }
  }
  if (current === 1) ends.push(8 * bits.length);
  return ends;
}

function fill(bits: Uint8Array, from: number, end: number): void {
  for (let bit = from; bit < end; bit++)
    if (bit % 8 === 0 && bit + 8 <= end) {
      bits[bit >> 3] = 0xff;
      bit += 7;
    } else bits[bit >> 3] = bits[bit >> 3]! | (1 << (bit & 7));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return a.length === b.length;
}

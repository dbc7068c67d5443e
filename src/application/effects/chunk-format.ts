import { codeUnit, type Effects, granuleSize, type PageMarks } from '../ports/effects.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { type BitSet, writeBits } from './bit-runs.ts';
import { ByteWriter } from '../recording/byte-stream.ts';

/**
 * The effects of a chunk's slices as one blob. All numbers are as {@link ByteWriter} writes them.
 *
 *   chunk     format, number of slices, for each slice registers read and registers written; then the tables of granules
 *             read, granules written, code units executed
 *   table     bytes of the directory, directory, sets
 *   directory number of pages; for each page its distance from the one before, and the bytes of its sets
 *   sets      the slices that have a set (bit n: the nth), then their sets, in order
 *
 * Format 1 lacked the registers that the system writes.
 *
 * Law: a page's sets are found without reading another's.
 */
export const chunkFormat = 2;

/** The tables in their order, and bytes of a set of one page. */
export const effectKinds = ['read', 'write', 'execute'] as const;
export type EffectKind = (typeof effectKinds)[number];
export const setBytes: Readonly<Record<EffectKind, number>> = {
  read: pageSize / granuleSize / 8,
  write: pageSize / granuleSize / 8,
  execute: pageSize / codeUnit / 8,
};

const marksOf: Readonly<Record<EffectKind, (effects: Effects) => PageMarks>> = {
  read: ({ reads }) => reads,
  write: ({ writes }) => writes,
  execute: ({ executed }) => executed,
};

/** The blob of slices that follow one another. */
export function encodeChunk(slices: readonly Effects[]): Uint8Array {
  const sink = new ByteWriter();
  sink.varint(chunkFormat);
  sink.varint(slices.length);
  for (const { registersRead, registersWritten } of slices) {
    sink.big(registersRead);
    sink.big(registersWritten);
  }
  for (const kind of effectKinds) writeTable(sink, slices.map(marksOf[kind]), setBytes[kind]);
  return sink.view();
}

function writeTable(sink: ByteWriter, slices: readonly PageMarks[], length: number): void {
  const [directory, sets] = [new ByteWriter(), new ByteWriter()];
  const next = new Uint32Array(slices.length);
  let [count, last] = [0, 0];
  for (let page = leastPage(slices, next); page < Infinity; page = leastPage(slices, next)) {
    const began = sets.length;
    writeSets(sets, page, slices, next, length);
    directory.varint(page - last);
    directory.varint(sets.length - began);
    last = page;
    count++;
  }
  const heading = new ByteWriter();
  heading.varint(count);
  sink.varint(heading.length + directory.length);
  sink.raw(heading.view());
  sink.raw(directory.view());
  sink.raw(sets.view());
}

/** The first page that any slice has, from its `next` one on; Infinity when there is none left. */
function leastPage(slices: readonly PageMarks[], next: Uint32Array): number {
  let least = Infinity;
  for (let slice = 0; slice < slices.length; slice++)
    least = Math.min(least, slices[slice]!.pages[next[slice]!] ?? Infinity);
  return least;
}

/** Writes the sets of a page, and passes it. */
function writeSets(
  sets: ByteWriter,
  page: number,
  slices: readonly PageMarks[],
  next: Uint32Array,
  length: number,
): void {
  let mask = 0;
  const found: BitSet[] = [];
  for (let slice = 0; slice < slices.length; slice++) {
    const { pages, marks } = slices[slice]!;
    if (pages[next[slice]!] !== page) continue;
    mask += 2 ** slice;
    found.push({ bytes: marks, at: next[slice]! * length, length });
    next[slice]!++;
  }
  sets.varint(mask);
  found.forEach((set, at) => {
    writeBits(sets, set, found[at - 1]);
  });
}

import { codeUnit, type Effects, granuleSize, type PageMarks } from '../ports/effects.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { writeBits } from './bit-runs.ts';
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
 * Law: a page's sets are found without reading another's.
 */
export const chunkFormat = 1;

/** The tables in their order, and bytes of a set of one page. */
export const effectKinds = ['read', 'write', 'execute'] as const;
export type EffectKind = (typeof effectKinds)[number];
export const setBytes: Readonly<Record<EffectKind, number>> = {
  read: pageSize / granuleSize / 8,
  write: pageSize / granuleSize / 8,
  execute: pageSize / codeUnit / 8,
};

const marksOf: Readonly<Record<EffectKind, (effects: Effects) => readonly PageMarks[]>> = {
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
  for (const kind of effectKinds) writeTable(sink, slices.map(marksOf[kind]));
  return sink.view();
}

function writeTable(sink: ByteWriter, slices: readonly (readonly PageMarks[])[]): void {
  const [directory, sets] = [new ByteWriter(), new ByteWriter()];
  const pages = byPage(slices);
  directory.varint(pages.size);
  let last = 0;
  for (const page of [...pages.keys()].sort((a, b) => a - b)) {
    const began = sets.length;
    const own = pages.get(page)!;
    sets.varint(own.reduce((mask, { slice }) => mask + 2 ** slice, 0));
    own.forEach(({ marks }, at) => writeBits(sets, marks, own[at - 1]?.marks));
    directory.varint(page - last);
    directory.varint(sets.length - began);
    last = page;
  }
  sink.varint(directory.length);
  sink.raw(directory.view());
  sink.raw(sets.view());
}

interface OfSlice {
  readonly slice: number;
  readonly marks: Uint8Array;
}

function byPage(slices: readonly (readonly PageMarks[])[]): ReadonlyMap<number, readonly OfSlice[]> {
  const pages = new Map<number, OfSlice[]>();
  slices.forEach((found, slice) => {
    for (const { page, marks } of found) {
      const own = pages.get(page);
      if (own) own.push({ slice, marks });
      else pages.set(page, [{ slice, marks }]);
    }
  });
  return pages;
}

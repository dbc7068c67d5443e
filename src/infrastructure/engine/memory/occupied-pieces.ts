/** Pages `[first, end)`. */
export interface PageRange {
  readonly first: number;
  readonly end: number;
}

const empty = new Uint8Array(4096);

/** The pieces of a memory in which some page has a byte, in order: few of a large one, so that the rest is compared in bulk. */
export function* occupiedPieces(flags: Uint8Array, pages: number): Iterable<PageRange> {
  const bytes = Buffer.from(flags.buffer, flags.byteOffset, pages);
  for (let first = 0; first < pages; first += empty.length) {
    const end = Math.min(first + empty.length, pages);
    if (!bytes.subarray(first, end).equals(empty.subarray(0, end - first))) yield { first, end };
  }
}

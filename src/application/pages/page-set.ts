/** How many pages have their bits side by side: as many as V8 keeps without asking for memory outside its heap (64 bytes). */
const pagesPerChunk = 512;

/** A set of page numbers, as bits: a `Set` takes some 30 bytes for each, and is copied as it grows. */
export class PageSet {
  readonly #chunks = new Map<number, Uint32Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(page: number): void {
    const number = Math.floor(page / pagesPerChunk);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) this.#chunks.set(number, (chunk = new Uint32Array(pagesPerChunk / 32)));
    const [word, bit] = [(page % pagesPerChunk) >>> 5, 1 << (page % 32)];
    if ((chunk[word]! & bit) !== 0) return;
    chunk[word]! |= bit;
    this.#size++;
  }

  has(page: number): boolean {
    const chunk = this.#chunks.get(Math.floor(page / pagesPerChunk));
    return chunk !== undefined && (chunk[(page % pagesPerChunk) >>> 5]! & (1 << (page % 32))) !== 0;
  }

  clear(): void {
    this.#chunks.clear();
    this.#size = 0;
  }

  /** In ascending order of chunks of 512 pages that were added one after the other, and within a chunk. */
  *[Symbol.iterator](): Generator<number> {
    for (const [number, chunk] of this.#chunks)
      for (let word = 0; word < chunk.length; word++)
        for (let bits = chunk[word]!; bits !== 0; bits &= bits - 1)
          yield number * pagesPerChunk + word * 32 + (31 - Math.clz32(bits & -bits));
  }
}

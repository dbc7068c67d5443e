/** How many pages have their records side by side. */
const pagesPerChunk = 64;

/**
 * A record of `width` 32-bit words for each of many pages. A map of objects, or of big numbers, took three times the room, and its
 * garbage more, which counts where a guest has 10^5 pages: here records of 8 words take 9 MiB a GiB of guest memory.
 */
export class PageRecords {
  readonly #width: number;
  /** By page number / 64: for each page whether it has a record, then the record. */
  readonly #chunks = new Map<number, Uint32Array>();
  #size = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** How many pages have a record. */
  get size(): number {
    return this.#size;
  }

  /** Copies a page's record to `into`; false where it has none, and `into` is left as it is. */
  get(page: number, into: Uint32Array): boolean {
    const chunk = this.#chunks.get(Math.floor(page / pagesPerChunk));
    const at = this.#at(page);
    if (chunk === undefined || chunk[at] === 0) return false;
    for (let word = 0; word < this.#width; word++) into[word] = chunk[at + 1 + word]!;
    return true;
  }

  set(page: number, record: Uint32Array): void {
    const number = Math.floor(page / pagesPerChunk);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined)
      this.#chunks.set(number, (chunk = new Uint32Array(pagesPerChunk * (1 + this.#width))));
    const at = this.#at(page);
    if (chunk[at] === 0) this.#size++;
    chunk[at] = 1;
    for (let word = 0; word < this.#width; word++) chunk[at + 1 + word] = record[word]!;
  }

  delete(page: number): void {
    const chunk = this.#chunks.get(Math.floor(page / pagesPerChunk));
    const at = this.#at(page);
    if (chunk === undefined || chunk[at] === 0) return;
    chunk[at] = 0;
    this.#size--;
  }

  /** The pages that have a record, in ascending order. */
  numbers(): number[] {
    const numbers: number[] = [];
    for (const number of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const chunk = this.#chunks.get(number)!;
      for (let index = 0; index < pagesPerChunk; index++)
        if (chunk[index * (1 + this.#width)] !== 0) numbers.push(number * pagesPerChunk + index);
    }
    return numbers;
  }

  #at(page: number): number {
    return (page % pagesPerChunk) * (1 + this.#width);
  }
}

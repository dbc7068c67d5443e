import type { PageMarks } from '../../../application/ports/effects.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';

/**
 * Sets of marks being gathered, page by page, in columns that are used again: an array for each page would be much work for the
 * garbage collector.
 */
export class MarkedPages {
  readonly #setBytes: number;
  #pages = new Uint32Array(64);
  #marks: Uint8Array;
  #count = 0;

  /** `unit`: bytes of guest memory that one mark stands for. */
  constructor(unit: number) {
    this.#setBytes = pageSize / unit / 8;
    this.#marks = new Uint8Array(this.#pages.length * this.#setBytes);
  }

  /** Adds a page with an empty set, which lies in `marks` from the place given. Pages come in ascending order. */
  add(page: number): number {
    if (this.#count === this.#pages.length) this.#grow();
    this.#pages[this.#count] = page;
    const at = this.#count++ * this.#setBytes;
    this.#marks.fill(0, at, at + this.#setBytes);
    return at;
  }

  get marks(): Uint8Array {
    return this.#marks;
  }

  /**
   * Packs a page's marks, bytes of 0 or 1 (the page's table begins at byte `units`), into bits, and clears them. A page without
   * marks is left out.
   */
  gather(page: number, words: Int32Array, units: number): void {
    const count = 2 * this.#setBytes;
    const first = units / 4 + page * count;
    let at = -1;
    for (let word = 0; word < count; word++) {
      const bytes = words[first + word]!;
      if (bytes === 0) continue;
      words[first + word] = 0;
      if (at < 0) at = this.add(page);
      // The four lowest bits of the bytes, as the four highest of the product.
      const four = Math.imul(bytes, 0x1020_4080) >>> 28;
      const set = at + (word >> 1);
      this.#marks[set] = this.#marks[set]! | (four << ((word & 1) * 4));
    }
  }

  /** What was gathered since the last call. */
  take(): PageMarks {
    const count = this.#count;
    this.#count = 0;
    return { pages: this.#pages.slice(0, count), marks: this.#marks.slice(0, count * this.#setBytes) };
  }

  #grow(): void {
    const [pages, marks] = [this.#pages, this.#marks];
    this.#pages = new Uint32Array(2 * pages.length);
    this.#marks = new Uint8Array(2 * marks.length);
    this.#pages.set(pages);
    this.#marks.set(marks);
  }
}

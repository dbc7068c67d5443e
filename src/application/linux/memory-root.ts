import type { HashFunction } from '../../domain/shared/digest.ts';
import { digestWords, exchange, printWords, readDigest } from '../pages/digest-words.ts';
import { isZeroPage } from '../pages/page-contents.ts';
import { PageRecords } from '../pages/page-records.ts';
import { PageSet } from '../pages/page-set.ts';
import { type GuestMemory, pageSize } from '../ports/guest-memory.ts';

/**
 * A digest of a memory's contents that follows changes at the cost of the pages that changed: the sum, modulo
 * 2^256, of hash(page number ‖ contents) over the pages that are not zero. It depends on contents only, not on how
 * they came about or on what an engine counts as touched.
 */
export class MemoryRoot {
  readonly #memory: GuestMemory;
  readonly #hash: HashFunction;
  readonly #digests = new PageRecords(digestWords);
  readonly #changed = new PageSet();
  readonly #sum = new Uint32Array(digestWords);
  #fresh = true;
  /** What is hashed of a page: its number, then its contents. */
  readonly #numbered = new Uint8Array(8 + pageSize);
  readonly #content = this.#numbered.subarray(8);
  readonly #number = new DataView(this.#numbered.buffer, 0, 8);
  readonly #before = new Uint32Array(digestWords);
  readonly #after = new Uint32Array(digestWords);

  constructor(memory: GuestMemory, hash: HashFunction) {
    this.#memory = memory;
    this.#hash = hash;
  }

  /** These pages may have changed: every page that the memory reports dirty is to be told. */
  changed(pages: readonly number[]): void {
    if (!this.#fresh) for (const page of pages) this.#changed.add(page);
  }

  /** How many pages `value` would hash now. */
  get pending(): number {
    return this.#fresh ? this.#memory.touchedCount : this.#changed.size;
  }

  /** The sum as 64 hexadecimal digits. */
  value(): string {
    for (const page of this.#fresh ? this.#memory.touchedPages() : this.#changed) this.#update(page);
    this.#changed.clear();
    this.#fresh = false;
    return printWords(this.#sum);
  }

  /** The pages that are not zero, each with its part of the sum; to be asked for after `value`. */
  get digests(): PageRecords {
    return this.#digests;
  }

  #update(page: number): void {
    const [before, after] = [this.#before, this.#after];
    if (!this.#digests.get(page, before)) before.fill(0);
    this.#content.set(this.#memory.page(page));
    if (isZeroPage(this.#content)) {
      this.#digests.delete(page);
      after.fill(0);
    } else {
      this.#number.setBigUint64(0, BigInt(page));
      readDigest(this.#hash(this.#numbered), after);
      this.#digests.set(page, after);
    }
    exchange(this.#sum, before, after);
  }
}

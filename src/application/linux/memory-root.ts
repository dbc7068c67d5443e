import type { HashFunction } from '../../domain/shared/digest.ts';
import { type GuestMemory, pageSize } from '../ports/guest-memory.ts';

const modulus = 1n << 256n;

/**
 * A digest of a memory's contents that follows changes at the cost of the pages that changed: the sum, modulo
 * 2^256, of hash(page number ‖ contents) over the pages that are not zero. It depends on contents only, not on how
 * they came about or on what an engine counts as touched.
 */
export class MemoryRoot {
  readonly #memory: GuestMemory;
  readonly #hash: HashFunction;
  readonly #pages = new Map<number, bigint>();
  /** What is hashed of a page: its number, then its contents. */
  readonly #numbered = new Uint8Array(8 + pageSize);
  readonly #changed = new Set<number>();
  #sum = 0n;
  #fresh = true;

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
    this.#sum = ((this.#sum % modulus) + modulus) % modulus;
    return this.#sum.toString(16).padStart(64, '0');
  }

  /** The pages that are not zero, each with its part of the sum; to be asked for after `value`. */
  get pages(): ReadonlyMap<number, bigint> {
    return this.#pages;
  }

  #update(page: number): void {
    const content = this.#memory.page(page);
    const before = this.#pages.get(page) ?? 0n;
    let after = 0n;
    if (isZeroPage(content)) this.#pages.delete(page);
    else {
      const bytes = this.#numbered;
      new DataView(bytes.buffer).setBigUint64(0, BigInt(page));
      bytes.set(content, 8);
      after = BigInt(`0x${this.#hash(bytes)}`);
      this.#pages.set(page, after);
    }
    this.#sum += after - before;
  }
}

export function isZeroPage(page: Uint8Array): boolean {
  const words = new Int32Array(page.buffer, page.byteOffset, page.byteLength / 4);
  for (let at = 0; at < words.length; at++) if (words[at] !== 0) return false;
  return true;
}

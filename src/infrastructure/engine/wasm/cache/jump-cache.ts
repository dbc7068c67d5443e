import { jumpCache, jumpCacheAt } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';

const noPc = 0xffff_ffff;

/** What generated code finds by itself: entries by guest address, direct-mapped, in control memory. */
export class JumpCache {
  readonly #words: Uint32Array;

  constructor(memory: FlatMemory) {
    this.#words = new Uint32Array(
      memory.control.buffer,
      jumpCacheAt(memory.pageCount),
      (jumpCache.entries * jumpCache.entrySize) / 4,
    );
    this.#words.fill(noPc, 0, 4);
  }

  /** Zeros say 0, for which only the first entry is looked at: fresh memory is a clear cache, and stays untouched. */
  clear(): void {
    this.#words.fill(0);
    this.#words.fill(noPc, 0, 4);
  }

  /** `table`: the function's place in the table; `argument`: what it is called with. */
  set(address: number, table: number, argument: number): void {
    const at = indexOf(address);
    this.#words[at] = address;
    this.#words[at + 1] = 0;
    this.#words[at + 2] = table;
    this.#words[at + 3] = argument;
  }

  /** Takes an address out; false when it was not in. */
  delete(address: number): boolean {
    const at = indexOf(address);
    if (this.#words[at] !== address) return false;
    this.#words.fill(noPc, at, at + 4);
    return true;
  }
}

/** Where the cache has an address, in 32-bit words; generated code computes the same. */
const indexOf = (address: number): number =>
  (((address << 3) & ((jumpCache.entries - 1) * jumpCache.entrySize)) >>> 0) / 4;

import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { WrittenRange } from './write-tracking.ts';

/** What going back to the beginning of an epoch takes: the pages of guest memory and the vCPU's state as they were. */
export interface Undo {
  /** The instruction count at the beginning. */
  readonly icount: number;
  /** Whether an epoch has begun that has not ended. */
  readonly active: boolean;
  /** Whether nothing more can be saved before a new epoch. */
  readonly full: boolean;
  /** Whether a page may change without being saved. */
  has(page: number): boolean;
  /** Pages saved in this epoch. */
  readonly size: number;
  /** Begins an epoch; gives the pages that have to be saved again. */
  begin(icount: number): readonly number[];
  end(): void;
  /** To be called before a page changes by other ways than an unguarded store. */
  save(page: number): void;
  /** Goes back; `changing` is told of each page before its bytes change. */
  restore(changing: (page: number) => void): void;
  /** Takes in what has changed in `[start, end)` by unguarded stores since the last time; gives those ranges. */
  absorb(start: number, end: number): readonly WrittenRange[];
  /** To be called when pages of `[start, end)`, whose changes have been taken in, can be read from now on. */
  readable(start: number, end: number): void;
}

/** Pages that a log holds at most, but for those of the instruction at hand: 16 MiB. */
const maxPages = 4096;

/** Saves each page before its first change. */
export class UndoLog implements Undo {
  readonly #bytes: Uint8Array;
  readonly #saved = new Map<number, number>();
  readonly #cpu: Uint8Array;
  readonly #savedCpu: Uint8Array;
  #copies = new Uint8Array(64 * pageSize);
  icount = 0;
  active = false;

  constructor(bytes: Uint8Array, cpu: Uint8Array) {
    this.#bytes = bytes;
    this.#cpu = cpu;
    this.#savedCpu = new Uint8Array(cpu.length);
  }

  get full(): boolean {
    return this.#saved.size >= maxPages;
  }

  get size(): number {
    return this.#saved.size;
  }

  has(page: number): boolean {
    return this.#saved.has(page);
  }

  begin(icount: number): readonly number[] {
    const before = [...this.#saved.keys()];
    this.#saved.clear();
    this.#savedCpu.set(this.#cpu);
    this.icount = icount;
    this.active = true;
    return before;
  }

  end(): void {
    this.active = false;
  }

  save(page: number): void {
    if (!this.active || this.#saved.has(page)) return;
    const at = this.#saved.size * pageSize;
    if (at === this.#copies.length) {
      const more = new Uint8Array(at * 2);
      more.set(this.#copies);
      this.#copies = more;
    }
    this.#copies.set(this.#bytes.subarray(page * pageSize, (page + 1) * pageSize), at);
    this.#saved.set(page, at);
  }

  restore(changing: (page: number) => void): void {
    for (const [page, at] of this.#saved) {
      changing(page);
      this.#bytes.set(this.#copies.subarray(at, at + pageSize), page * pageSize);
    }
    this.#cpu.set(this.#savedCpu);
  }

  absorb(): readonly WrittenRange[] {
    return [];
  }

  readable(): void {
    // Nothing is asked of the host.
  }
}

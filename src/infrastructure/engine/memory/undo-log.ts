import { pageSize } from '../../../application/ports/guest-memory.ts';

/** Pages that a log holds at most, but for those of the instruction at hand: 16 MiB. */
const maxPages = 4096;

/**
 * The pages of guest memory as they were when an epoch began, each saved before its first change, and the vCPU's state: what
 * going back to the epoch's beginning takes.
 */
export class UndoLog {
  readonly #bytes: Uint8Array;
  readonly #saved = new Map<number, number>();
  readonly #cpu: Uint8Array;
  readonly #savedCpu: Uint8Array;
  #copies = new Uint8Array(64 * pageSize);
  /** The instruction count at the beginning. */
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

  /** Begins an epoch; gives the pages of the one before. */
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

  /** Goes back; `changing` is told of each page before its bytes change. */
  restore(changing: (page: number) => void): void {
    for (const [page, at] of this.#saved) {
      changing(page);
      this.#bytes.set(this.#copies.subarray(at, at + pageSize), page * pageSize);
    }
    this.#cpu.set(this.#savedCpu);
  }
}

import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { Undo } from './undo-log.ts';
import type { TrackedMemory, WrittenRange } from './write-tracking.ts';

/** Bytes of a chunk of the copy, and of all of them at most. */
const [chunkSize, maxBytes] = [1 << 20, 256 << 20];

/**
 * A second copy of guest memory, brought up to date at the beginning of each epoch with the pages that the host says were
 * written: stores need not save anything. Law: when an epoch begins, every page that was ever written equals its copy; others
 * are zero, and so is what the copy has no chunk for.
 */
export class ShadowMemory implements Undo {
  readonly #bytes: Uint8Array;
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #tracked: TrackedMemory;
  readonly #cpu: Uint8Array;
  readonly #savedCpu: Uint8Array;
  icount = 0;
  active = false;
  readonly full = false;
  readonly size = 0;

  constructor(bytes: Uint8Array, cpu: Uint8Array, tracked: TrackedMemory) {
    this.#bytes = bytes;
    this.#tracked = tracked;
    this.#cpu = cpu;
    this.#savedCpu = new Uint8Array(cpu.length);
  }

  /** Whether so many pages can be kept twice. */
  static holds(pages: number): boolean {
    return pages * pageSize <= maxBytes;
  }

  /** Whether the guest has written to more pages than should be kept twice. */
  get tooLarge(): boolean {
    return this.#chunks.size * chunkSize > maxBytes;
  }

  has(): boolean {
    return true;
  }

  save(): void {
    // The host tells which pages were written.
  }

  /** Whoever begins an epoch has absorbed all memory. */
  begin(icount: number): readonly number[] {
    this.#savedCpu.set(this.#cpu);
    this.icount = icount;
    this.active = true;
    return [];
  }

  end(): void {
    this.active = false;
  }

  absorb(start: number, end: number): readonly WrittenRange[] {
    const written = this.#tracked.take(start, end);
    for (const range of written)
      for (let at = range.start; at < range.end;) {
        const until = Math.min(range.end, (Math.floor(at / chunkSize) + 1) * chunkSize);
        this.#chunkOf(at).set(this.#bytes.subarray(at, until), at % chunkSize);
        at = until;
      }
    return written;
  }

  readable(start: number, end: number): void {
    this.#tracked.readable(start, end);
  }

  restore(changing: (page: number) => void): void {
    for (const { start, end } of this.#tracked.take(0, this.#bytes.length))
      for (let at = start; at < end; at += pageSize) {
        changing(at / pageSize);
        const offset = at % chunkSize;
        this.#bytes.set(this.#chunkOf(at).subarray(offset, offset + pageSize), at);
      }
    this.#cpu.set(this.#savedCpu);
  }

  #chunkOf(address: number): Uint8Array {
    const number = Math.floor(address / chunkSize);
    let chunk = this.#chunks.get(number);
    if (!chunk) this.#chunks.set(number, (chunk = new Uint8Array(chunkSize)));
    return chunk;
  }
}

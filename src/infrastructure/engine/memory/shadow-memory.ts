import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { Undo } from './undo-log.ts';
import type { TrackedMemory, WrittenRange } from './write-tracking.ts';

/** Bytes of pages that are kept twice, at most. */
const maxBytes = 256 << 20;

/**
 * A second copy of guest memory, brought up to date at the beginning of each epoch with the pages that the host says were
 * written: stores need not save anything. Law: when an epoch begins, every page that was ever written equals its copy; others
 * are zero in both.
 */
export class ShadowMemory implements Undo {
  readonly #bytes: Uint8Array;
  readonly #copy: Uint8Array;
  readonly #copied: Uint8Array;
  readonly #tracked: TrackedMemory;
  readonly #cpu: Uint8Array;
  readonly #savedCpu: Uint8Array;
  #copiedPages = 0;
  icount = 0;
  active = false;
  readonly full = false;
  readonly size = 0;

  constructor(bytes: Uint8Array, cpu: Uint8Array, tracked: TrackedMemory) {
    this.#bytes = bytes;
    this.#copy = new Uint8Array(bytes.length);
    this.#copied = new Uint8Array(bytes.length / pageSize);
    this.#tracked = tracked;
    this.#cpu = cpu;
    this.#savedCpu = new Uint8Array(cpu.length);
  }

  /** Whether the guest has written to more pages than should be kept twice. */
  get tooLarge(): boolean {
    return this.#copiedPages * pageSize > maxBytes;
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
    for (const { start: from, end: to } of written) {
      this.#copy.set(this.#bytes.subarray(from, to), from);
      for (let page = from / pageSize; page < to / pageSize; page++) {
        if (this.#copied[page]) continue;
        this.#copied[page] = 1;
        this.#copiedPages++;
      }
    }
    return written;
  }

  restore(changing: (page: number) => void): void {
    for (const { start, end } of this.#tracked.take(0, this.#bytes.length))
      for (let at = start; at < end; at += pageSize) {
        changing(at / pageSize);
        this.#bytes.set(this.#copy.subarray(at, at + pageSize), at);
      }
    this.#cpu.set(this.#savedCpu);
  }
}

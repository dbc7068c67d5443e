import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { Undo } from './undo-log.ts';
import type { TrackedMemory, WrittenRange } from './write-tracking.ts';

/** Bytes of a chunk of the copy, and of all of them at most. */
const [chunkSize, maxBytes] = [1 << 20, 128 << 20];
/**
 * Bytes that are asked for at once: a chunk, from so many on so much that glibc gives it back to the host when the copy turns out to be too
 * large (more than 32 MiB). Chunks that were freed one by one stayed with the process: 90 MiB of a guest that writes a GiB.
 */
const [few, slabSize] = [16 << 20, 56 << 20];

/**
 * A second copy of guest memory, brought up to date at the beginning of each epoch with the pages that the host says were
 * written: stores need not save anything. Law: when an epoch begins, every page that was ever written equals its copy; others
 * are zero, and so is what the copy has no chunk for; unless it is too large, when no guest code may run with it any more.
 */
export class ShadowMemory implements Undo {
  readonly #bytes: Uint8Array;
  readonly #chunks = new Map<number, Uint8Array>();
  /** What was asked for and is not a chunk yet. */
  #room = new Uint8Array();
  readonly #tracked: TrackedMemory;
  readonly #cpu: Uint8Array;
  readonly #savedCpu: Uint8Array;
  icount = 0;
  active = false;
  whole = false;
  readonly full = false;
  size = 0;
  #tooLarge = false;

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

  /** Whether the guest has written to more pages than should be kept twice, so that some are not. */
  get tooLarge(): boolean {
    return this.#tooLarge;
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
    this.size = 0;
    this.active = this.whole = true;
    return [];
  }

  pause(): void {
    this.active = false;
  }

  resume(): void {
    this.active = true;
  }

  spoil(): void {
    this.whole = false;
  }

  absorb(start: number, end: number): readonly WrittenRange[] {
    const written = this.#tracked.take(start, end);
    // What the epoch began with is no longer all there.
    this.whole = false;
    for (const range of written) {
      this.size += (range.end - range.start) / pageSize;
      for (let at = range.start; at < range.end;) {
        const until = Math.min(range.end, (Math.floor(at / chunkSize) + 1) * chunkSize);
        this.#chunkOf(at)?.set(this.#bytes.subarray(at, until), at % chunkSize);
        at = until;
      }
    }
    return written;
  }

  readable(start: number, end: number): void {
    this.#tracked.readable(start, end);
  }

  unabsorbed(start: number, end: number): readonly WrittenRange[] {
    return this.#tracked.written(start, end);
  }

  restore(changing: (page: number) => void): void {
    for (const { start, end } of this.#tracked.take(0, this.#bytes.length))
      for (let at = start; at < end; at += pageSize) {
        changing(at / pageSize);
        const offset = at % chunkSize;
        const copy = this.#chunks.get(Math.floor(at / chunkSize))?.subarray(offset, offset + pageSize);
        if (copy) this.#bytes.set(copy, at);
        else this.#bytes.fill(0, at, at + pageSize);
      }
    this.#cpu.set(this.#savedCpu);
  }

  /** The chunk with the page at `address`; undefined where there are as many as there may be. */
  #chunkOf(address: number): Uint8Array | undefined {
    const number = Math.floor(address / chunkSize);
    let chunk = this.#chunks.get(number);
    if (chunk || this.#tooLarge) return chunk;
    if (this.#chunks.size * chunkSize >= maxBytes) {
      this.#tooLarge = true;
      this.#chunks.clear();
      this.#room = new Uint8Array();
      return undefined;
    }
    if (this.#room.length === 0)
      this.#room = new Uint8Array(this.#chunks.size * chunkSize < few ? chunkSize : slabSize);
    this.#chunks.set(number, (chunk = this.#room.subarray(0, chunkSize)));
    this.#room = this.#room.subarray(chunkSize);
    return chunk;
  }
}

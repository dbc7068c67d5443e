import { control } from '../../memory/control-memory.ts';

const maxSegments = 8;
/** A segment holds at least the largest block, where that makes at least two segments. */
const usefulSegment = 64 << 10;
const [free, end] = [control.threadedFree >> 2, control.threadedEnd >> 2];

/** Bytes of a note: a block's address, its end, and its head record, as i32s. */
export const noteSize = 12;

/** Told of a block's address, its end, and its head record. */
export type NoteReader = (address: number, end: number, head: number) => void;

/**
 * Where threaded code lies in control memory: segments, filled in turn. When the last is full, the first is used again, and the blocks
 * in it are lost: the medium-grained FIFO of Hazelwood and Smith, "Exploring Code Cache Eviction Granularities" (2004).
 * Generated code writes there too, and notes the blocks that it made at the segment's end, downwards.
 */
export class ThreadedArea {
  readonly segmentSize: number;
  readonly segments: number;
  readonly #words: Int32Array;
  readonly #start: number;
  #segment = 0;
  /** Where the last of the notes that were taken, and settled, begins. */
  #taken = 0;
  #settled = 0;

  /** `words`: of control memory; `size` bytes (at least 1 KiB) from `start` on. */
  constructor(words: Int32Array, start: number, size: number) {
    this.#words = words;
    this.#start = start;
    this.segments = Math.max(2, Math.min(maxSegments, Math.floor(size / usefulSegment)));
    this.segmentSize = Math.floor(size / this.segments / 8) * 8;
    this.#begin(0);
  }

  /** The segment that is being filled. */
  get segment(): number {
    return this.#segment;
  }

  /** Where the next bytes go. */
  get free(): number {
    return this.#words[free]!;
  }

  /** Whether the segment has room for that many bytes. */
  hasRoom(bytes: number): boolean {
    return this.free + bytes <= this.#words[end]!;
  }

  take(bytes: number): void {
    this.#words[free] = this.free + bytes;
  }

  /** Whether generated code made blocks that were not taken note of. */
  get hasNotes(): boolean {
    return this.#words[end] !== this.#taken;
  }

  /** Gives the blocks of this segment that generated code made since the last call. */
  takeNotes(each: NoteReader): void {
    const last = this.#words[end]!;
    this.#read(this.#taken, last, each);
    this.#taken = last;
  }

  /** Gives the blocks of this segment that were taken note of since the last call, once more. */
  settleNotes(each: NoteReader): void {
    this.#read(this.#settled, this.#taken, each);
    this.#settled = this.#taken;
  }

  /** Those from below `from` down to `last`. */
  #read(from: number, last: number, each: NoteReader): void {
    const words = this.#words;
    for (let at = from - noteSize; at >= last; at -= noteSize)
      each(words[at >> 2]! >>> 0, words[(at >> 2) + 1]! >>> 0, words[(at >> 2) + 2]!);
  }

  /** Begins the next segment, whose blocks must have been dropped. */
  beginNext(): void {
    this.#begin(this.next);
  }

  /** The segment after the one that is being filled. */
  get next(): number {
    return (this.#segment + 1) % this.segments;
  }

  clear(): void {
    this.#begin(0);
  }

  get #segmentEnd(): number {
    return this.#start + (this.#segment + 1) * this.segmentSize;
  }

  #begin(segment: number): void {
    this.#segment = segment;
    this.#words[free] = this.#segmentEnd - this.segmentSize;
    this.#words[end] = this.#taken = this.#settled = this.#segmentEnd;
  }
}

const maxSegments = 8;
/** A segment holds at least the largest block, where that makes at least two segments. */
const usefulSegment = 64 << 10;

/**
 * Where threaded code lies in control memory: segments, filled in turn. When the last is full, the first is used again, and the blocks
 * in it are lost: the medium-grained FIFO of Hazelwood and Smith, "Exploring Code Cache Eviction Granularities" (2004).
 */
export class ThreadedArea {
  readonly segmentSize: number;
  readonly segments: number;
  readonly #start: number;
  #segment = 0;
  #used = 0;

  /** `size` bytes (at least 1 KiB) from `start` on. */
  constructor(start: number, size: number) {
    this.#start = start;
    this.segments = Math.max(2, Math.min(maxSegments, Math.floor(size / usefulSegment)));
    this.segmentSize = Math.floor(size / this.segments / 8) * 8;
  }

  /** The segment that is being filled. */
  get segment(): number {
    return this.#segment;
  }

  /** Where the next bytes go. */
  get free(): number {
    return this.#start + this.#segment * this.segmentSize + this.#used;
  }

  /** Whether the segment has room for that many bytes. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.segmentSize;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  /** Begins the next segment, whose blocks must have been dropped. */
  beginNext(): void {
    this.#segment = this.next;
    this.#used = 0;
  }

  /** The segment after the one that is being filled. */
  get next(): number {
    return (this.#segment + 1) % this.segments;
  }

  clear(): void {
    this.#segment = 0;
    this.#used = 0;
  }
}

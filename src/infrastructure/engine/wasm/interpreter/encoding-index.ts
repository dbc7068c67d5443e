/** Encodings and their numbers, alternating: `short` without gaps, `long` as they are hashed, `longs` of them. */
export interface EncodingTables {
  readonly short: Int32Array;
  readonly long: Int32Array;
  readonly longs: number;
}

/** Where an index lies: its tables and, as the only word of `header`, what a place in the long one is masked with. */
export interface IndexMemory {
  readonly header: Int32Array;
  readonly short: Int32Array;
  readonly long: Int32Array;
}

/** By the two bytes of an encoding. */
export const shortWords = 1 << 16;
/** At least twice as many as there are encodings of four bytes in a full table of forms. */
export const maxLongWords = 1 << 21;

/** Fibonacci hashing: the upper bits of the product depend on all bits of the word. */
export const encodingHash = { factor: 0x9e37_79b1, shift: 13 } as const;

/** A number for each encoding of two or four bytes: flat tables, for most encodings are looked up many times and never looked at. */
export class EncodingIndex {
  readonly #memory: IndexMemory;
  /** Words of the long table. Open addressing: an encoding of four bytes and its number (0: free), alternating. */
  #size: number;
  #longs = 0;
  #shorts = 0;

  /**
   * `memory` must be zeros, but for the table that `tables`, those of another index, have there; `expected`: encodings of four bytes, a power
   * of two; the table grows.
   */
  constructor(memory: IndexMemory, expected = 1 << 12, tables?: EncodingTables) {
    this.#memory = memory;
    this.#size = tables?.long.length ?? 4 * expected;
    this.#setMask();
    if (tables === undefined) return;
    const { short, long, longs } = tables;
    for (let at = 0; at < short.length; at += 2) memory.short[short[at]!] = short[at + 1]!;
    if (long.buffer !== memory.long.buffer) memory.long.set(long);
    this.#longs = longs;
    this.#shorts = short.length / 2;
  }

  get tables(): EncodingTables {
    const short: number[] = [];
    this.#memory.short.forEach((number, word) => {
      if (number !== 0) short.push(word, number);
    });
    return {
      short: Int32Array.from(short),
      long: this.#memory.long.subarray(0, this.#size),
      longs: this.#longs,
    };
  }

  get size(): number {
    return this.#shorts + this.#longs;
  }

  /** The number of the encoding that lies at `bytes[at … end)`, which must have at least two bytes; 0: there is none. */
  find(bytes: Uint8Array, at: number, end: number): number {
    const low = bytes[at]! | (bytes[at + 1]! << 8);
    const short = this.#memory.short[low]!;
    if (short !== 0 || end - at < 4) return short;
    const word = low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return this.#memory.long[this.#placeOf(word) + 1]!;
  }

  /** `length`: 2 or 4 bytes; `number` is not 0. */
  set(word: number, length: number, number: number): void {
    const { short, long } = this.#memory;
    if (length === 2) {
      if (short[word] === 0) this.#shorts++;
      short[word] = number;
      return;
    }
    if (4 * this.#longs > this.#size) this.#grow();
    const place = this.#placeOf(word | 0);
    if (long[place + 1] === 0) this.#longs++;
    long[place] = word | 0;
    long[place + 1] = number;
  }

  clear(): void {
    const { short, long } = this.#memory;
    short.fill(0);
    long.fill(0, 0, this.#size);
    this.#longs = this.#shorts = 0;
  }

  /** Where a word stands, or would. */
  #placeOf(word: number): number {
    const { long } = this.#memory;
    const mask = this.#size - 2;
    let place = (Math.imul(word, encodingHash.factor) >>> encodingHash.shift) & mask;
    while (long[place + 1] !== 0 && long[place] !== word) place = (place + 2) & mask;
    return place;
  }

  #grow(): void {
    const { long } = this.#memory;
    const old = long.slice(0, this.#size);
    long.fill(0, 0, this.#size);
    this.#size *= 2;
    this.#setMask();
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const place = this.#placeOf(old[at]!);
      long[place] = old[at]!;
      long[place + 1] = old[at + 1]!;
    }
  }

  #setMask(): void {
    this.#memory.header[0] = this.#size - 2;
  }
}

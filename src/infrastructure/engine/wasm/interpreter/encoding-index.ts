/** Encodings and their numbers, alternating: `short` without gaps, `long` as they are hashed, `longs` of them. */
export interface EncodingTables {
  readonly short: Int32Array;
  readonly long: Int32Array;
  readonly longs: number;
}

/** A number for each encoding of two or four bytes: flat tables, for most encodings are looked up many times and never looked at. */
export class EncodingIndex {
  /** By the two bytes of the short ones. */
  readonly #short = new Int32Array(1 << 16);
  /** Open addressing: an encoding of four bytes and its number (0: free), alternating. */
  #long: Int32Array;
  #longs = 0;
  #shorts = 0;

  /** `expected`: encodings of four bytes, a power of two; the table grows. `tables`: of another index. */
  constructor(expected = 1 << 12, tables?: EncodingTables) {
    this.#long = tables?.long ?? new Int32Array(4 * expected);
    if (tables === undefined) return;
    const { short, longs } = tables;
    for (let at = 0; at < short.length; at += 2) this.#short[short[at]!] = short[at + 1]!;
    this.#longs = longs;
    this.#shorts = short.length / 2;
  }

  get tables(): EncodingTables {
    const short: number[] = [];
    this.#short.forEach((number, word) => {
      if (number !== 0) short.push(word, number);
    });
    return { short: Int32Array.from(short), long: this.#long, longs: this.#longs };
  }

  get size(): number {
    return this.#shorts + this.#longs;
  }

  /** The number of the encoding that lies at `bytes[at … end)`, which must have at least two bytes; 0: there is none. */
  find(bytes: Uint8Array, at: number, end: number): number {
    const low = bytes[at]! | (bytes[at + 1]! << 8);
    const short = this.#short[low]!;
    if (short !== 0 || end - at < 4) return short;
    const word = low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return this.#long[this.#placeOf(word) + 1]!;
  }

  /** `length`: 2 or 4 bytes; `number` is not 0. */
  set(word: number, length: number, number: number): void {
    if (length === 2) {
      if (this.#short[word] === 0) this.#shorts++;
      this.#short[word] = number;
      return;
    }
    if (4 * this.#longs > this.#long.length) this.#grow();
    const place = this.#placeOf(word | 0);
    if (this.#long[place + 1] === 0) this.#longs++;
    this.#long[place] = word | 0;
    this.#long[place + 1] = number;
  }

  clear(): void {
    this.#short.fill(0);
    this.#long.fill(0);
    this.#shorts = this.#longs = 0;
  }

  /** Where a word stands, or would. */
  #placeOf(word: number): number {
    const mask = this.#long.length - 2;
    // Fibonacci hashing: the upper bits of the product depend on all bits of the word.
    let place = (Math.imul(word, 0x9e37_79b1) >>> 13) & mask;
    while (this.#long[place + 1] !== 0 && this.#long[place] !== word) place = (place + 2) & mask;
    return place;
  }

  #grow(): void {
    const old = this.#long;
    this.#long = new Int32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const place = this.#placeOf(old[at]!);
      this.#long[place] = old[at]!;
      this.#long[place + 1] = old[at + 1]!;
    }
  }
}

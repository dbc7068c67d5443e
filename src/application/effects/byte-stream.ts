/** Bytes that grow. */
export class ByteSink {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** A whole number from 0 to 2^53 − 1, seven bits a byte, the low ones first. */
  number(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  /** A whole number of any size, after the number of its bytes. */
  big(value: bigint): void {
    const digits: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 8n) digits.push(Number(rest & 0xffn));
    this.number(digits.length);
    this.bytes(Uint8Array.from(digits));
  }

  /** What was written, which is not to be changed. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const more = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    more.set(this.view());
    this.#bytes = more;
  }
}

/** Reads what a {@link ByteSink} wrote. Throws RangeError where the bytes end too early. */
export class ByteSource {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError(`the data ends after ${this.#bytes.length} bytes`);
    return value;
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    const from = this.#at;
    if (from + count > this.#bytes.length)
      throw new RangeError(`the data ends after ${this.#bytes.length} bytes`);
    this.#at += count;
    return this.#bytes.subarray(from, this.#at);
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large');
      if (byte < 0x80) return value;
    }
  }

  big(): bigint {
    let value = 0n;
    for (const [at, byte] of this.bytes(this.number()).entries()) value |= BigInt(byte) << BigInt(8 * at);
    return value;
  }
}

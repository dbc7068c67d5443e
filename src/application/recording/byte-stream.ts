const encoder = new TextEncoder();

/** Bytes being written, in a buffer that grows by doubling. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A non-negative safe integer, seven bits a byte, low first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  float(value: number): void {
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Bytes after their number. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A whole number of any size, after the number of its bytes. */
  big(value: bigint): void {
    const digits: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 8n) digits.push(Number(rest & 0xffn));
    this.bytes(Uint8Array.from(digits));
  }

  /** The UTF-8 of a text after its length. */
  text(value: string): void {
    // Most texts are short and ASCII, where the encoder's call is what costs.
    this.#room(value.length + 2);
    const from = this.#length;
    if (value.length < 0x80) {
      this.#bytes[this.#length++] = value.length;
      let at = 0;
      for (; at < value.length; at++) {
        const code = value.charCodeAt(at);
        if (code >= 0x80) break;
        this.#bytes[this.#length++] = code;
      }
      if (at === value.length) return;
    }
    this.#length = from;
    this.bytes(encoder.encode(value));
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What was written, which is not to be changed. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Bytes being read; every method throws RangeError where the bytes end too early or a number is not a safe integer. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError('the data ends 1 byte too early');
    this.#at++;
    return value;
  }

  varint(): number {
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
    for (const [at, byte] of this.raw(this.varint()).entries()) value |= BigInt(byte) << BigInt(8 * at);
    return value;
  }

  float(): number {
    const bytes = this.raw(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  /** A copy, aligned for any typed array. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.raw(this.varint()).slice();
  }

  /** A view of the next bytes. */
  raw(count: number): Uint8Array {
    if (count > this.remaining)
      throw new RangeError(`the data ends ${(count - this.remaining).toString()} bytes too early`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

/**
 * The canonical bytes of plain data: null, undefined, booleans, numbers, bigints, strings, byte arrays, arrays,
 * maps, sets and objects. Laws: equal data gives equal bytes, whatever the order of object keys; different data gives
 * different bytes. Maps and sets keep their order, which is part of what they say.
 */
const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  array: 8,
  map: 9,
  set: 10,
  object: 11,
} as const;

/** Byte arrays from here on are represented by their digest, which is remembered for as long as the array lives. */
const digestFrom = 256;

/** The canonical bytes of a value, to be written in its place. */
export class CanonicalBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** By name, not by constructor: restored snapshots may come from another realm. */
const kindOf = (value: object): string => Object.prototype.toString.call(value);

/** Collects the canonical bytes of the values written to it. */
export class CanonicalWriter {
  #bytes = new Uint8Array(1 << 14);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();
  readonly #digestOf: (bytes: Uint8Array) => string;

  constructor(digestOf: (bytes: Uint8Array) => string) {
    this.#digestOf = digestOf;
  }

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  write(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#tag(tags.undefined);
        return;
      case 'boolean':
        this.#tag(value ? tags.true : tags.false);
        return;
      case 'number':
        this.#tag(tags.number);
        this.#reserve(8);
        this.#view.setFloat64(this.#length, value);
        this.#length += 8;
        return;
      case 'bigint':
        this.#text(tags.bigint, value.toString(16));
        return;
      case 'string':
        this.#text(tags.string, value);
        return;
      case 'object':
        this.#object(value);
        return;
      default:
        throw new TypeError(`kernel state holds a ${typeof value}, which is not plain data`);
    }
  }

  #object(value: object | null): void {
    if (value === null) return this.#tag(tags.null);
    if (value instanceof CanonicalBytes) return this.#raw(value.bytes);
    switch (kindOf(value)) {
      case '[object Uint8Array]':
        return this.#byteArray(value as Uint8Array);
      case '[object Array]':
        return this.#sequence(tags.array, (value as unknown[]).length, value as unknown[]);
      case '[object Map]':
        return this.#map(value as Map<unknown, unknown>);
      case '[object Set]':
        return this.#sequence(tags.set, (value as Set<unknown>).size, value as Set<unknown>);
      default:
        return this.#fields(value as Readonly<Record<string, unknown>>);
    }
  }

  #fields(value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value);
    let present = 0;
    for (const key of keys) if (value[key] !== undefined) present++;
    if (keys.length > 1) keys.sort();
    this.#tag(tags.object);
    this.#count(present);
    for (const key of keys) {
      const field = value[key];
      if (field === undefined) continue;
      this.#text(tags.string, key);
      this.write(field);
    }
  }

  #byteArray(value: Uint8Array): void {
    if (value.length >= digestFrom) {
      this.#text(tags.bytes, this.#digestOf(value));
      return;
    }
    this.#tag(tags.bytes);
    this.#append(value);
  }

  #map(entries: ReadonlyMap<unknown, unknown>): void {
    this.#tag(tags.map);
    this.#count(entries.size);
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
  }

  #sequence(tag: number, count: number, values: Iterable<unknown>): void {
    this.#tag(tag);
    this.#count(count);
    for (const value of values) this.write(value);
  }

  #text(tag: number, text: string): void {
    this.#tag(tag);
    // A character of UTF-16 takes at most three bytes of UTF-8.
    this.#reserve(4 + 3 * text.length);
    if (text.length <= 32 && this.#ascii(text)) return;
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(this.#length + 4));
    this.#count(written);
    this.#length += written;
  }

  /** Writes a short text whose characters are all a byte of UTF-8; false, with nothing written, for any other. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    const from = this.#length + 4;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) return false;
      bytes[from + at] = code;
    }
    this.#count(text.length);
    this.#length += text.length;
    return true;
  }

  #append(bytes: Uint8Array): void {
    this.#count(bytes.length);
    this.#raw(bytes);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #tag(tag: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = tag;
  }

  #count(count: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, count);
    this.#length += 4;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * A repeatable stream of numbers (sfc32 by Chris Doty-Humphrey, seeded through FNV-1a). Law: what it gives depends on
 * the parts of its seed alone.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...seed: readonly (string | number | bigint)[]) {
    const text = seed.join('\n');
    this.#a = hash(text, 0x811c9dc5);
    this.#b = hash(text, 0x01234567);
    this.#c = hash(text, 0x9e3779b9);
    for (let warmUp = 0; warmUp < 12; warmUp++) this.next();
  }

  /** A number in [0, 2^32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bits64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}

function hash(text: string, basis: number): number {
  let value = basis;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

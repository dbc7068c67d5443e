import type { Digest } from '../../domain/shared/digest.ts';

/** A digest, or a sum of digests modulo 2^256, as so many words of 32 bits, the most significant first. */
export const digestWords = 8;

/** Writes a digest's words to `into`, making no numbers or strings on the way: there may be 10^5 of them. */
export function readDigest(digest: Digest, into: Uint32Array): void {
  for (let word = 0, at = 0; word < digestWords; word++) {
    let value = 0;
    for (const end = at + 8; at < end; at++) value = (value << 4) | nibble(digest.charCodeAt(at));
    into[word] = value;
  }
}

/** Replaces a summand of `sum` that was `before` by `after`. */
export function exchange(sum: Uint32Array, before: Uint32Array, after: Uint32Array): void {
  let carry = 0;
  for (let word = digestWords - 1; word >= 0; word--) {
    const value = sum[word]! - before[word]! + after[word]! + carry;
    sum[word] = value;
    carry = Math.floor(value / 2 ** 32);
  }
}

/** 64 hexadecimal digits. */
export const printWords = (words: Uint32Array): string =>
  Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');

/** The value of a lower-case hexadecimal digit, by its character code. */
const nibble = (code: number): number => (code < 58 ? code - 48 : code - 87);

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asDigest } from '../../domain/shared/digest.ts';
import { digestWords, exchange, printWords, readDigest } from './digest-words.ts';

const modulus = 2n ** 256n;
/** Numbers of 256 bits, also those at the ends, of long carries. */
const number = fc.oneof(
  fc.bigInt(0n, modulus - 1n),
  fc.constantFrom(0n, 1n, modulus - 1n, 2n ** 32n, 2n ** 32n - 1n, 2n ** 255n, 2n ** 224n - 1n),
);
const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
function words(value: bigint): Uint32Array {
  const into = new Uint32Array(digestWords);
  readDigest(asDigest(hex(value)), into);
  return into;
}

test('a digest is read and printed', () => {
  fc.assert(
    fc.property(number, (value) => {
      expect(printWords(words(value))).toBe(hex(value));
    }),
  );
});

test('a summand is exchanged modulo 2^256', () => {
  fc.assert(
    fc.property(number, number, number, (sum, before, after) => {
      const found = words(sum);
      exchange(found, words(before), words(after));
      expect(printWords(found)).toBe(hex((((sum - before + after) % modulus) + modulus) % modulus));
    }),
    { numRuns: 1000 },
  );
});

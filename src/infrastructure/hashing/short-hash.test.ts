import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hash } from 'node:crypto';
import { shortHash } from './short-hash.ts';

test('is SHA-256 as node:crypto has it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      expect(shortHash(content)).toBe(hash('sha256', content));
    }),
    { numRuns: 1000 },
  );
});

test('is so around the ends of blocks', () => {
  for (let length = 0; length <= 130; length++) {
    const content = Uint8Array.from({ length }, (_, index) => 255 - index);
    expect(shortHash(content)).toBe(hash('sha256', content));
  }
});

test('gives the example of the standard', () => {
  // NIST, Cryptographic Algorithm Validation: SHA256, "abc".
  expect(shortHash(Buffer.from('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

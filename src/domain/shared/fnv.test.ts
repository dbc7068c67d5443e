import { expect, test } from '@jest/globals';
import { fnv1a } from './fnv.ts';

// Test vectors of the authors: isthe.com/chongo/src/fnv/test_fnv.c.
test.each([
  ['', 0xcbf29ce484222325n],
  ['a', 0xaf63dc4c8601ec8cn],
  ['foobar', 0x85944171f73967e8n],
])('FNV-1a of %j', (text, expected) => {
  expect(fnv1a(Buffer.from(text))).toBe(expected);
  expect(fnv1a(Buffer.from(text.slice(2)), fnv1a(Buffer.from(text.slice(0, 2))))).toBe(expected);
});

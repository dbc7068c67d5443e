import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeName, encodeName, nameLength } from './names.ts';

test('any bytes survive being a name', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(encodeName(decodeName(bytes))).toEqual(bytes)));
});

test('well-formed UTF-8 reads as itself and other bytes as lone surrogates', () => {
  expect(decodeName(Uint8Array.of(0xc3, 0xa9, 0xff, 0x61))).toBe('é\udcffa');
  expect(nameLength('é')).toBe(2);
});

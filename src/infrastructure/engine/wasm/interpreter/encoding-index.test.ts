import { describe, expect, test } from '@jest/globals';
import { EncodingIndex, maxLongWords, shortWords } from './encoding-index.ts';

const memory = () => ({
  header: new Int32Array(1),
  short: new Int32Array(shortWords),
  long: new Int32Array(maxLongWords),
});

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the index of encodings', () => {
  test('finds what was set, by the bytes that lie there', () => {
    const index = new EncodingIndex(memory());
    index.set(0x8082, 2, 7);
    index.set(0x0013_0313, 4, 9);
    expect(index.find(bytes(0x82, 0x80), 0, 2)).toBe(7);
    expect(index.find(bytes(0xff, 0x13, 0x03, 0x13, 0x00), 1, 5)).toBe(9);
    expect(index.find(bytes(0x13, 0x03, 0x14, 0x00), 0, 4)).toBe(0);
  });

  test('does not take the beginning of a long encoding for a short one', () => {
    const index = new EncodingIndex(memory());
    index.set(0x0000_0013, 4, 5);
    expect(index.find(bytes(0x13, 0x00, 0x13, 0x05), 0, 4)).toBe(0);
    expect(index.find(bytes(0x13, 0x00), 0, 2)).toBe(0);
    expect(index.find(bytes(0x13, 0x00, 0x00, 0x00), 0, 4)).toBe(5);
  });

  test('grows, and keeps what it had', () => {
    const index = new EncodingIndex(memory(), 4);
    const words = Array.from({ length: 5000 }, (_, n) => Math.imul(n + 1, 0x0101_0003));
    words.forEach((word, n) => index.set(word, 4, n + 1));
    const at = new DataView(new ArrayBuffer(4));
    const found = words.map((word) => {
      at.setInt32(0, word, true);
      return index.find(new Uint8Array(at.buffer), 0, 4);
    });
    expect(found).toEqual(words.map((_, n) => n + 1));
    expect(index.size).toBe(5000);
  });

  test('forgets everything when it is cleared', () => {
    const index = new EncodingIndex(memory());
    index.set(0x8082, 2, 7);
    index.set(0x0013_0313, 4, 9);
    index.clear();
    expect(index.size).toBe(0);
    expect(index.find(bytes(0x82, 0x80, 0, 0), 0, 4)).toBe(0);
    expect(index.find(bytes(0x13, 0x03, 0x13, 0x00), 0, 4)).toBe(0);
  });
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageSize } from '../ports/guest-memory.ts';
import { isZeroPage, samePage } from './page-contents.ts';

/** A page of zeros but for one byte, lying `shift` bytes behind a multiple of 4. */
function page(at: number, byte: number, shift = 0): Uint8Array {
  const bytes = new Uint8Array(pageSize + 4).subarray(shift, shift + pageSize);
  bytes[at] = byte;
  return bytes;
}
const at = fc.nat(pageSize - 1);

test('one byte anywhere makes a page another, and no longer zero', () => {
  fc.assert(
    fc.property(at, fc.nat(3), fc.nat(3), (at, left, right) => {
      expect(isZeroPage(page(at, 0, left))).toBe(true);
      expect(isZeroPage(page(at, 1, left))).toBe(false);
      expect(samePage(page(at, 1, left), page(at, 1, right))).toBe(true);
      expect(samePage(page(at, 1, left), page(at, 2, right))).toBe(false);
    }),
  );
});

import { pageSize } from '../ports/guest-memory.ts';

/** Whether a page holds nothing but zeros. */
export function isZeroPage(page: Uint8Array): boolean {
  const content = words(page);
  for (let at = 0; at < content.length; at++) if (content[at] !== 0) return false;
  return true;
}

/** Whether two pages hold the same. */
export function samePage(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [words(a), words(b)];
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

const words = (page: Uint8Array): Int32Array =>
  page.byteOffset % 4 === 0
    ? new Int32Array(page.buffer, page.byteOffset, pageSize / 4)
    : new Int32Array(page.slice().buffer);

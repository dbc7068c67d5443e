import { pageBit } from './control-memory.ts';

/** So many are looked at one by one. */
const fewPages = 64;

const special = pageBit.touched | pageBit.dirty | pageBit.hasCode;

/**
 * Makes the bytes of pages `[first, end)` `fresh`, and calls `change` for those that hold or have held something instead. Programs
 * reserve gigabytes, nearly all of whose pages are alike.
 */
export function changePageBytes(
  flags: Uint8Array,
  first: number,
  end: number,
  fresh: number,
  change: (page: number) => void,
): void {
  if (end - first > fewPages) {
    if ((flags[first]! & special) === 0 && allAlike(flags.subarray(first, end))) {
      flags.fill(fresh, first, end);
      return;
    }
    const middle = (first + end) >>> 1;
    changePageBytes(flags, first, middle, fresh, change);
    changePageBytes(flags, middle, end, fresh, change);
    return;
  }
  for (let page = first; page < end; page++)
    if ((flags[page]! & special) === 0) flags[page] = fresh;
    else change(page);
}

/** Whether all bytes are equal: each is like its neighbour. */
function allAlike({ buffer, byteOffset, length }: Uint8Array): boolean {
  const bytes = Buffer.from(buffer, byteOffset, length);
  return bytes.compare(bytes, 1, length, 0, length - 1) === 0;
}

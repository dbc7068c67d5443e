import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { AccessKind, MemoryWatch, WatchedAccess } from '../../../application/ports/stops.ts';

/** The ranges of guest memory that are watched, the pages they lie on, and the accesses seen. */
export class WatchedRanges {
  #ranges: readonly MemoryWatch[] = [];
  #seen: WatchedAccess[] = [];
  #readPages: ReadonlySet<number> = new Set();
  #writePages: ReadonlySet<number> = new Set();

  /** Pages with a range whose reads are watched. */
  get readPages(): ReadonlySet<number> {
    return this.#readPages;
  }
  get writePages(): ReadonlySet<number> {
    return this.#writePages;
  }

  /** Watches these ranges, as far as they lie below `size`, and forgets what was seen. */
  set(ranges: readonly MemoryWatch[], size: number): void {
    this.#ranges = ranges;
    this.#seen = [];
    this.#readPages = pagesOf('read', ranges, size);
    this.#writePages = pagesOf('write', ranges, size);
  }

  /** Whether an access of `length` bytes at `address` is one to see. */
  overlaps(access: AccessKind, address: number, length: number): boolean {
    return this.#ranges.some(
      (range) =>
        watches(range, access) && range.address < address + length && address < range.address + range.length,
    );
  }

  note(access: AccessKind, address: number, length: number): void {
    if (this.#ranges.length > 0 && this.overlaps(access, address, length))
      this.#seen.push({ access, address, length });
  }

  /** What was seen since the last call. */
  take(): readonly WatchedAccess[] {
    if (this.#seen.length === 0) return this.#seen;
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }
}

const watches = (watch: { readonly access: AccessKind | 'any' }, access: AccessKind): boolean =>
  watch.access === 'any' || watch.access === access;

function pagesOf(access: AccessKind, ranges: readonly MemoryWatch[], size: number): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const range of ranges) {
    if (!watches(range, access)) continue;
    const end = Math.min(range.address + range.length, size);
    for (let page = Math.floor(range.address / pageSize); page * pageSize < end; page++) pages.add(page);
  }
  return pages;
}

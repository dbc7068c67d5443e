import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { EffectMarks } from './effect-marks.ts';
import { pageBit } from './control-memory.ts';
import type { AccessKind, MemoryWatch, WatchedAccess } from '../../../application/ports/stops.ts';

/**
 * The ranges of guest memory that are watched, the pages they lie on, and the accesses seen. Law: a page with watched reads has no
 * `read` bit in its byte, whatever the guest may do.
 */
export class WatchedRanges {
  /** Told of every access that comes through here, before it is made. */
  onAccess: ((access: AccessKind, address: number, length: number) => void) | undefined;
  readonly #flags: Uint8Array;
  readonly #pageCount: number;
  readonly #marks: EffectMarks | undefined;
  /** Pages that the guest can read though their byte does not say so. */
  readonly #hidden = new Set<number>();
  #ranges: readonly MemoryWatch[] = [];
  #seen: WatchedAccess[] = [];
  #readPages: ReadonlySet<number> = new Set();
  #writePages: ReadonlySet<number> = new Set();

  /** `flags`: the page bytes; `marks`: told of every access. */
  constructor(flags: Uint8Array, pageCount: number, marks: EffectMarks | undefined) {
    this.#marks = marks;
    this.#flags = flags;
    this.#pageCount = pageCount;
  }

  /** Pages with a range whose reads are watched. */
  get readPages(): ReadonlySet<number> {
    return this.#readPages;
  }
  get writePages(): ReadonlySet<number> {
    return this.#writePages;
  }

  /** Watches these ranges, as far as there is memory, and forgets what was seen. */
  set(ranges: readonly MemoryWatch[]): void {
    for (const page of this.#hidden) this.#flags[page] = this.flagsOf(page);
    this.#hidden.clear();
    this.#ranges = ranges;
    this.#seen = [];
    this.#readPages = pagesOf('read', ranges, this.#pageCount);
    this.#writePages = pagesOf('write', ranges, this.#pageCount);
    for (const page of this.#readPages) this.changed(page);
  }

  /** A page's byte says anew what the guest may do. */
  changed(page: number): void {
    this.#hidden.delete(page);
    if (!this.#readPages.has(page) || !(this.#flags[page]! & pageBit.read)) return;
    this.#flags[page] = this.#flags[page]! & ~pageBit.read;
    this.#hidden.add(page);
  }

  /** A page's byte as the guest's permissions have it. */
  flagsOf(page: number): number {
    const flags = this.#flags[page]!;
    return this.#hidden.has(page) ? flags | pageBit.read : flags;
  }

  /** Whether an access of `length` bytes at `address` is one to see. */
  overlaps(access: AccessKind, address: number, length: number): boolean {
    return this.#ranges.some(
      (range) =>
        watches(range, access) && range.address < address + length && address < range.address + range.length,
    );
  }

  note(access: AccessKind, address: number, length: number): void {
    if (length > 0) {
      this.#marks?.note(access, address, length);
      this.onAccess?.(access, address, length);
    }
    if (this.#ranges.length > 0 && this.overlaps(access, address, length))
      this.#seen.push({ access, address, length });
  }

  /** Notes an access to something else that is watched. */
  see(access: WatchedAccess): void {
    this.#seen.push(access);
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

function pagesOf(access: AccessKind, ranges: readonly MemoryWatch[], pageCount: number): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const range of ranges) {
    if (!watches(range, access)) continue;
    const end = Math.min(range.address + range.length, pageCount * pageSize);
    for (let page = Math.floor(range.address / pageSize); page * pageSize < end; page++) pages.add(page);
  }
  return pages;
}

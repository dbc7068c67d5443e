import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { RegionBlock } from './region/region-discovery.ts';

/** A translated region: its function's place in the table, and the guest code it was made from. */
export interface Region {
  readonly table: number;
  readonly run: CallableFunction;
  readonly blocks: readonly RegionBlock[];
  readonly pages: readonly number[];
}

interface PageCode {
  /** One byte a halfword (the least code granule): whether some region was made from it. */
  readonly translated: Uint8Array;
  readonly regions: Set<Region>;
}

const granule = 2;

/** Which guest bytes have been translated, and into what. Keeps the `hasCode` bit of every page true to that. */
export class CodeMap {
  readonly #memory: FlatMemory;
  readonly #pages = new Map<number, PageCode>();

  constructor(memory: FlatMemory) {
    this.#memory = memory;
  }

  add(region: Region): void {
    for (const page of region.pages) {
      let code = this.#pages.get(page);
      if (!code) {
        code = { translated: new Uint8Array(pageSize / granule), regions: new Set() };
        this.#pages.set(page, code);
        this.#memory.setHasCode(page, true);
      }
      code.regions.add(region);
      mark(code.translated, page, region);
    }
  }

  remove(region: Region): void {
    for (const page of region.pages) {
      const code = this.#pages.get(page);
      if (!code?.regions.delete(region)) continue;
      if (code.regions.size === 0) {
        this.#pages.delete(page);
        this.#memory.setHasCode(page, false);
        continue;
      }
      code.translated.fill(0);
      for (const other of code.regions) mark(code.translated, page, other);
    }
  }

  /** Whether any byte of `[start, end)` has been translated. */
  overlaps(start: number, end: number): boolean {
    for (let page = Math.floor(start / pageSize); page * pageSize < end; page++) {
      const code = this.#pages.get(page);
      if (!code) continue;
      const base = page * pageSize;
      const from = Math.max(0, start - base) >> 1;
      const to = (Math.min(pageSize, end - base) + 1) >> 1;
      for (let at = from; at < to; at++) if (code.translated[at]) return true;
    }
    return false;
  }

  /** The regions made from any byte of `[start, end)`. */
  regionsIn(start: number, end: number): ReadonlySet<Region> {
    const hit = new Set<Region>();
    if (!this.overlaps(start, end)) return hit;
    for (let page = Math.floor(start / pageSize); page * pageSize < end; page++)
      for (const region of this.#pages.get(page)?.regions ?? [])
        if (region.blocks.some((block) => block.address < end && start < block.end)) hit.add(region);
    return hit;
  }
}

function mark(translated: Uint8Array, page: number, region: Region): void {
  const base = page * pageSize;
  for (const { address, end } of region.blocks) {
    const from = Math.max(0, address - base) >> 1;
    const to = (Math.min(pageSize, end - base) + 1) >> 1;
    if (from < to) translated.fill(1, from, to);
  }
}

/** The pages that blocks lie on. */
export function pagesOf(blocks: readonly RegionBlock[]): readonly number[] {
  const pages = new Set<number>();
  for (const { address, end } of blocks)
    for (let page = Math.floor(address / pageSize); page * pageSize < end; page++) pages.add(page);
  return [...pages];
}

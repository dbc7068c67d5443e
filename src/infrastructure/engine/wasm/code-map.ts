import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { Tier } from '../../../domain/translation-cache/events.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';

/** Guest code that lies in one piece. */
export interface CodeRange {
  readonly address: number;
  readonly end: number;
}

/** Translated code, of whatever tier, and the guest code that it was made from. */
export interface Translation {
  readonly tier: Tier;
  /** Where it is entered. */
  readonly address: number;
  /** The place of its function in the function table. */
  readonly table: number;
  readonly run: CallableFunction;
  readonly blocks: readonly CodeRange[];
  readonly pages: readonly number[];
}

interface PageCode {
  /** One byte a halfword (the least code granule): whether some translation was made from it; made when it is first asked for. */
  translated: Uint8Array | undefined;
  readonly translations: Set<Translation>;
}

const granule = 2;

/** Which guest bytes have been translated, and into what. Keeps the `hasCode` bit of every page true to that. */
export class CodeMap {
  readonly #memory: FlatMemory;
  readonly #pages = new Map<number, PageCode>();
  readonly #settle: () => void;

  /** `settle` adds translations that were made of pages with code, and were not added yet. */
  constructor(memory: FlatMemory, settle: () => void) {
    this.#memory = memory;
    this.#settle = settle;
  }

  add(translation: Translation): void {
    for (const page of translation.pages) {
      let code = this.#pages.get(page);
      if (!code) {
        code = { translated: undefined, translations: new Set() };
        this.#pages.set(page, code);
        this.#memory.setHasCode(page, true);
      }
      code.translations.add(translation);
      if (code.translated) mark(code.translated, page, translation);
    }
  }

  remove(translation: Translation): void {
    this.#settle();
    for (const page of translation.pages) {
      const code = this.#pages.get(page);
      if (!code?.translations.delete(translation)) continue;
      if (code.translations.size === 0) {
        this.#pages.delete(page);
        this.#memory.setHasCode(page, false);
        continue;
      }
      code.translated = undefined;
    }
  }

  /** Whether any byte of `[start, end)` has been translated. */
  overlaps(start: number, end: number): boolean {
    for (let page = Math.floor(start / pageSize); page * pageSize < end; page++) {
      const code = this.#pages.get(page);
      if (!code) continue;
      this.#settle();
      const translated = (code.translated ??= marked(page, code.translations));
      const base = page * pageSize;
      const from = Math.max(0, start - base) >> 1;
      const to = (Math.min(pageSize, end - base) + 1) >> 1;
      for (let at = from; at < to; at++) if (translated[at]) return true;
    }
    return false;
  }

  /** What was made from any byte of `[start, end)`. */
  translationsIn(start: number, end: number): ReadonlySet<Translation> {
    const hit = new Set<Translation>();
    if (!this.overlaps(start, end)) return hit;
    for (let page = Math.floor(start / pageSize); page * pageSize < end; page++)
      for (const translation of this.#pages.get(page)?.translations ?? [])
        if (translation.blocks.some((block) => block.address < end && start < block.end))
          hit.add(translation);
    return hit;
  }
}

function marked(page: number, translations: Iterable<Translation>): Uint8Array {
  const translated = new Uint8Array(pageSize / granule);
  for (const translation of translations) mark(translated, page, translation);
  return translated;
}

function mark(translated: Uint8Array, page: number, translation: Translation): void {
  const base = page * pageSize;
  for (const { address, end } of translation.blocks) {
    const from = Math.max(0, address - base) >> 1;
    const to = (Math.min(pageSize, end - base) + 1) >> 1;
    if (from < to) translated.fill(1, from, to);
  }
}

/** The pages that blocks lie on. */
export function pagesOf(blocks: readonly CodeRange[]): readonly number[] {
  const [only] = blocks;
  if (
    blocks.length === 1 &&
    only &&
    Math.floor(only.address / pageSize) === Math.floor((only.end - 1) / pageSize)
  )
    return [Math.floor(only.address / pageSize)];
  const pages = new Set<number>();
  for (const { address, end } of blocks)
    for (let page = Math.floor(address / pageSize); page * pageSize < end; page++) pages.add(page);
  return [...pages];
}

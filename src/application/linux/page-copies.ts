import { isZeroPage, samePage } from '../pages/page-contents.ts';
import { PageSet } from '../pages/page-set.ts';
import { type GuestMemory, pageSize } from '../ports/guest-memory.ts';

/** Stands for a page that was written and holds zeros. */
const zeros = new Uint8Array(pageSize);

/**
 * Copies of one memory's pages that follow its changes, so that a snapshot costs what changed since the last one, and
 * going back costs what differs. Laws: a copy never changes, and pages that did not change between two snapshots are the
 * same array in both; whoever takes the memory's dirty pages reports them here.
 */
export class PageCopies {
  readonly #memory: GuestMemory;
  #copies: Map<number, Uint8Array> | undefined;
  readonly #stale = new PageSet();

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /** These pages may have changed. */
  changed(pages: readonly number[]): void {
    if (this.#copies !== undefined) for (const page of pages) this.#stale.add(page);
  }

  /** How many pages a snapshot would copy now. */
  get pending(): number {
    return this.#copies === undefined ? this.#memory.touchedCount : this.#stale.size;
  }

  /** Every page that is not zero. */
  *current(): Generator<readonly [page: number, content: Uint8Array]> {
    for (const entry of this.#refreshed()) if (entry[1] !== zeros) yield entry;
  }

  /**
   * Makes the memory's contents `pages`, all else zero. What already is as wanted is left alone, and with it the code that
   * an engine translated from it.
   */
  replace(pages: Map<number, Uint8Array>): void {
    const memory = this.#memory;
    const copies = this.#copies ?? this.#refreshed();
    for (const [page, wanted] of pages)
      if ((this.#stale.has(page) || copies.get(page) !== wanted) && !samePage(memory.page(page), wanted))
        memory.setPages(page, wanted);
    for (const page of new Set([...copies.keys(), ...this.#stale])) if (!pages.has(page)) clear(memory, page);
    this.#copies = pages;
    this.#stale.clear();
  }

  #refreshed(): Map<number, Uint8Array> {
    const memory = this.#memory;
    const copies = (this.#copies ??= new Map());
    const fresh = copies.size === 0;
    for (const page of fresh ? memory.touchedPages() : this.#stale) {
      const content = memory.page(page);
      copies.set(page, isZeroPage(content) ? zeros : content.slice());
    }
    this.#stale.clear();
    return copies;
  }
}

/** Zero, and as if never written. */
function clear(memory: GuestMemory, page: number): void {
  const address = page * pageSize;
  const permissions = memory.permissionsAt(address);
  if (permissions === undefined) memory.unmap(address, pageSize);
  else memory.map(address, pageSize, permissions);
}

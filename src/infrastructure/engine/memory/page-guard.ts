import { pageSize } from '../../../application/ports/guest-memory.ts';
import { pageBit } from './control-memory.ts';
import type { PageProtection } from './page-protection.ts';

/**
 * Keeps the pages that the guest cannot read closed on the host, while the guest runs. Laws: between `beforeRun` and the next
 * `open`, a page is closed exactly if it is not readable; whoever touches a page's bytes otherwise opens it first.
 */
export class PageGuard {
  readonly #protection: PageProtection;
  readonly #bytes: Uint8Array;
  readonly #flags: Uint8Array;
  /** One byte a page: 1 where it is closed. */
  readonly #closed: Uint8Array;
  readonly #opened = new Set<number>();
  /** Set when the host refused, or the guest has pages that cannot be guarded: then all are open for good. */
  lost = false;

  constructor(protection: PageProtection, bytes: Uint8Array, flags: Uint8Array, pageCount: number) {
    this.#protection = protection;
    this.#bytes = bytes;
    this.#flags = flags;
    this.#closed = new Uint8Array(pageCount);
    this.settle(0, pageCount);
  }

  /** Makes pages `[first, end)` accessible to the host until the next run. */
  open(first: number, end: number): void {
    for (let page = first; page < end; page++) if (this.#closed[page]) this.#opened.add(page);
    this.unlock(first, end);
  }

  /** Makes pages `[first, end)` accessible to the host; whoever does so settles them. */
  unlock(first: number, end: number): void {
    this.#setRuns(first, end, () => 0);
  }

  /** Opens and closes pages `[first, end)` as the guest's permissions say. */
  settle(first: number, end: number): void {
    const flags = this.#flags;
    for (let page = first; page < end && !this.lost; page++) {
      // Only what cannot be read is closed, so a page that can be written or executed but not read is beyond this.
      const permissions = flags[page]! & (pageBit.read | pageBit.write | pageBit.execute);
      if (permissions !== 0 && !(permissions & pageBit.read)) this.release();
    }
    this.#setRuns(first, end, (page) => (flags[page]! & pageBit.read ? 0 : 1));
  }

  /** Closes again what was opened. */
  beforeRun(): void {
    if (this.#opened.size === 0) return;
    const opened = [...this.#opened];
    this.#opened.clear();
    for (const page of opened) this.settle(page, page + 1);
  }

  /** Opens all pages for good. */
  release(): void {
    if (this.lost) return;
    this.#setRuns(0, this.#closed.length, () => 0);
    this.lost = true;
  }

  #setRuns(first: number, end: number, wanted: (page: number) => number): void {
    for (let page = first; page < end && !this.lost;) {
      const closed = wanted(page);
      if (closed === this.#closed[page]) {
        page++;
        continue;
      }
      let until = page + 1;
      while (until < end && this.#closed[until] !== closed && wanted(until) === closed) until++;
      const done = this.#protection.set(this.#bytes, page * pageSize, until * pageSize, closed === 0);
      if (done) this.#closed.fill(closed, page, until);
      else this.#giveUp();
      page = until;
    }
  }

  /** The host has no more mappings to give: one call that opens everything needs none. */
  #giveUp(): void {
    this.lost = true;
    if (!this.#protection.set(this.#bytes, 0, this.#bytes.length, true))
      throw new Error('the host refuses to open the pages of guest memory again');
    this.#closed.fill(0);
  }
}

import { pageSize } from '../../../application/ports/guest-memory.ts';
import { pageBit } from './control-memory.ts';
import { occupiedPieces } from './occupied-pieces.ts';
import type { PageProtection } from './page-protection.ts';

/** What the host may do to a page that has not been opened to it. */
const levels = ['read-write', 'none', 'read'] as const;
const [allowed, closed, readOnly] = [0, 1, 2];

/**
 * Keeps the pages that the guest cannot access closed on the host, while the guest runs. Laws: between `beforeRun` and the next
 * `open`, a page is closed exactly if it is not readable, and read-only, where stores are guarded too, if it is not
 * writable or has translated code; whoever touches a page's bytes otherwise opens it first.
 */
export class PageGuard {
  readonly #protection: PageProtection;
  readonly #bytes: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #guardsStores: boolean;
  /** One level a page. */
  readonly #levels: Uint8Array;
  readonly #opened = new Set<number>();
  /** Set when the host refused, or the guest has pages that cannot be guarded: then all are open for good. */
  lost = false;

  constructor(protection: PageProtection, bytes: Uint8Array, flags: Uint8Array, guardsStores: boolean) {
    this.#protection = protection;
    this.#bytes = bytes;
    this.#flags = flags;
    this.#guardsStores = guardsStores;
    this.#levels = new Uint8Array(bytes.length / pageSize);
    this.#settleAll();
  }

  /** Lets the host read, or write as well, pages `[first, end)` until the next run. */
  open(first: number, end: number, access: 'read' | 'write'): void {
    for (let page = first; page < end; page++) {
      const level = this.#levels[page];
      if (level === allowed || (level === readOnly && access === 'read')) continue;
      this.#opened.add(page);
      this.unlock(page, page + 1);
    }
  }

  /** Makes pages `[first, end)` accessible to the host; whoever does so settles them. */
  unlock(first: number, end: number): void {
    this.#setRuns(first, end, () => allowed);
  }

  /** Opens and closes pages `[first, end)` as the guest's permissions say. */
  settle(first: number, end: number): void {
    const flags = this.#flags;
    for (let page = first; page < end && !this.lost; page++) {
      // Only what cannot be read is closed, so a page that can be written or executed but not read is beyond this.
      const permissions = flags[page]! & (pageBit.read | pageBit.write | pageBit.execute);
      if (permissions !== 0 && !(permissions & pageBit.read)) this.release();
    }
    this.#setRuns(first, end, (page) => this.#wanted(flags[page]!));
  }

  /** Settles all pages, few of which are mapped in a large memory. */
  #settleAll(): void {
    const pages = this.#levels.length;
    let unmapped = 0;
    for (const { first, end } of occupiedPieces(this.#flags, pages)) {
      this.#setRun(unmapped, first, closed);
      this.settle(first, end);
      unmapped = end;
    }
    this.#setRun(unmapped, pages, closed);
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
    this.#setRuns(0, this.#levels.length, () => allowed);
    this.lost = true;
  }

  #wanted(flags: number): number {
    if (!(flags & pageBit.read)) return closed;
    if (!this.#guardsStores) return allowed;
    return (flags & (pageBit.write | pageBit.hasCode)) === pageBit.write ? allowed : readOnly;
  }

  #setRuns(first: number, end: number, wanted: (page: number) => number): void {
    for (let page = first; page < end && !this.lost;) {
      const level = wanted(page);
      if (level === this.#levels[page]) {
        page++;
        continue;
      }
      let until = page + 1;
      while (until < end && this.#levels[until] !== level && wanted(until) === level) until++;
      this.#setRun(page, until, level);
      page = until;
    }
  }

  #setRun(first: number, end: number, level: number): void {
    if (first === end || this.lost) return;
    const done = this.#protection.set(this.#bytes, first * pageSize, end * pageSize, levels[level]!);
    if (done) this.#levels.fill(level, first, end);
    else this.#giveUp();
  }

  /** The host has no more mappings to give: one call that opens everything needs none. */
  #giveUp(): void {
    this.lost = true;
    if (!this.#protection.set(this.#bytes, 0, this.#bytes.length, 'read-write'))
      throw new Error('the host refuses to open the pages of guest memory again');
    this.#levels.fill(allowed);
  }
}

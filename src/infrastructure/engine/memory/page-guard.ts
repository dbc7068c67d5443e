import { pageSize } from '../../../application/ports/guest-memory.ts';
import { alikeRuns, pageBytes, type PageRange } from './alike-runs.ts';
import { pageBit } from './control-memory.ts';
import type { PageProtection } from './page-protection.ts';

/** What the host may do to a page that has not been opened to it. */
const levels = ['read-write', 'none', 'read'] as const;
const [allowed, closed, readOnly] = [0, 1, 2];

interface LevelRun extends PageRange {
  readonly level: number;
}

/**
 * Keeps the pages that the guest cannot access closed on the host, while the guest runs. Laws: between `beforeRun` and the next
 * `open`, a page is closed exactly if it is not readable, and read-only, where stores are guarded too, if it is not
 * writable or has translated code; whoever touches a page's bytes otherwise opens it first.
 */
export class PageGuard {
  readonly #protection: PageProtection;
  readonly #bytes: Uint8Array;
  readonly #flags: Buffer;
  readonly #guardsStores: boolean;
  /** One level a page. */
  readonly #levels: Buffer;
  readonly #opened = new Set<number>();
  /** Set when the host refused, or the guest has pages that cannot be guarded: then all are open for good. */
  lost = false;

  constructor(protection: PageProtection, bytes: Uint8Array, flags: Uint8Array, guardsStores: boolean) {
    this.#protection = protection;
    this.#bytes = bytes;
    this.#flags = pageBytes(flags);
    this.#guardsStores = guardsStores;
    this.#levels = Buffer.alloc(bytes.length / pageSize);
    this.settle(0, this.#levels.length);
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
    this.#setRuns([{ first, end, level: allowed }]);
  }

  /** Opens and closes pages `[first, end)` as the guest's permissions say. */
  settle(first: number, end: number): void {
    this.#setRuns(this.#wantedRuns(first, end));
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
    this.unlock(0, this.#levels.length);
    this.lost = true;
  }

  *#wantedRuns(first: number, end: number): Iterable<LevelRun> {
    for (const run of alikeRuns(this.#flags, first, end)) {
      const flags = this.#flags[run.first]!;
      const permissions = flags & (pageBit.read | pageBit.write | pageBit.execute);
      // Only what cannot be read is closed, so a page that can be written or executed but not read is beyond this.
      if (permissions !== 0 && !(permissions & pageBit.read)) return this.release();
      yield { ...run, level: this.#wanted(flags) };
    }
  }

  #wanted(flags: number): number {
    if (!(flags & pageBit.read)) return closed;
    if (!this.#guardsStores) return allowed;
    return (flags & (pageBit.write | pageBit.hasCode)) === pageBit.write ? allowed : readOnly;
  }

  /** Gives the pages of these runs, one after another, their levels: as many as possible at once. */
  #setRuns(runs: Iterable<LevelRun>): void {
    let next = { first: 0, end: 0, level: allowed };
    for (const { first, end, level } of runs)
      for (const run of alikeRuns(this.#levels, first, end)) {
        if (this.#levels[run.first] === level) continue;
        if (run.first !== next.end || level !== next.level) {
          this.#setRun(next);
          next = { ...run, level };
        } else next.end = run.end;
      }
    this.#setRun(next);
  }

  #setRun({ first, end, level }: LevelRun): void {
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

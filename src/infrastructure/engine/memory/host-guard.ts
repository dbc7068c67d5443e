import { pageSize } from '../../../application/ports/guest-memory.ts';
import { alikeRuns, pageBytes, type PageRange } from './alike-runs.ts';
import { pageBit } from './control-memory.ts';
import { PageGuard } from './page-guard.ts';
import type { PageProtection } from './page-protection.ts';
import type { Undo } from './undo-log.ts';
import type { WrittenRange } from './write-tracking.ts';

/** Which accesses of the guest the host's page protection guards. */
export type Guarded = 'nothing' | 'loads' | 'accesses';

/** What the host does for a guest memory, once it is asked to: it guards pages, and what changes can be undone. */
export class HostGuard {
  readonly #bytes: Uint8Array;
  readonly #flags: Uint8Array;
  #pages: PageGuard | undefined;
  #undo: Undo | undefined;
  #guardsStores = false;
  /** Whether memory may have been written since all of it was last absorbed. */
  #written = true;
  /** What the host answered, while no guest code has run since. */
  #unabsorbed: readonly WrittenRange[] | undefined;

  /** `flags`: the page bytes. */
  constructor(bytes: Uint8Array, flags: Uint8Array) {
    this.#bytes = bytes;
    this.#flags = flags;
  }

  /** Which accesses throw where the guest may not do them. */
  get guarded(): Guarded {
    if (this.#pages === undefined || this.#pages.lost) return 'nothing';
    return this.#guardsStores ? 'accesses' : 'loads';
  }

  /** Guards the pages, for stores too if `undo` learns of them; `undo` is to save what changes from now on. */
  begin(protection: PageProtection, undo: Undo, guardsStores: boolean): void {
    this.#undo = undo;
    this.#guardsStores = guardsStores;
    this.#written = true;
    this.#unabsorbed = undefined;
    // What was written until now is known.
    undo.absorb(0, this.#bytes.length);
    for (const { first, end } of mappedRuns(this.#flags))
      undo.readable(first * pageSize, Math.min(end * pageSize, this.#bytes.length));
    this.#pages = new PageGuard(protection, this.#bytes, this.#flags, guardsStores);
  }

  /** Opens all pages for good. */
  end(): void {
    this.#pages?.release();
    this.#undo = undefined;
  }

  /** Takes in what unguarded stores have changed in pages `[first, end)`; gives those ranges. */
  absorb(first: number, end: number): readonly WrittenRange[] {
    if (!this.#undo || !this.#written) return [];
    if (first === 0 && end * pageSize === this.#bytes.length) this.#written = false;
    this.#unabsorbed = undefined;
    return this.#undo.absorb(first * pageSize, end * pageSize);
  }

  /** The ranges that unguarded stores have changed, and that are still to be taken in. */
  unabsorbed(): readonly WrittenRange[] {
    if (!this.#undo || !this.#written) return [];
    return (this.#unabsorbed ??= this.#undo.unabsorbed(0, this.#bytes.length));
  }

  /** To be called when pages `[first, end)`, whose changes have been taken in, can be accessed from now on. */
  readable(first: number, end: number): void {
    this.#undo?.readable(first * pageSize, end * pageSize);
  }

  /** To be called before guest code runs. */
  beforeRun(): void {
    this.#written = true;
    this.#unabsorbed = undefined;
    this.#pages?.beforeRun();
  }

  /** Lets the host read, or write as well, `length` bytes at `address` until the next run. */
  open(address: number, length: number, access: 'read' | 'write'): void {
    if (access === 'write') this.#changing();
    if (length > 0)
      this.#pages?.open(Math.floor(address / pageSize), Math.ceil((address + length) / pageSize), access);
  }

  /** Makes pages `[first, end)` accessible to the host; whoever does so settles them. */
  unlock(first: number, end: number): void {
    this.#changing();
    this.#pages?.unlock(first, end);
  }

  /** Opens and closes pages `[first, end)` as their bytes say. */
  settle(first: number, end: number): void {
    this.#pages?.settle(first, end);
  }

  /** To be called when a page has got translated code, or has lost it. */
  codeChanged(page: number): void {
    if (this.#guardsStores) this.settle(page, page + 1);
  }

  /** To be called before a page changes. */
  save(page: number): void {
    this.#undo?.save(page);
  }

  /** Whether stores to a page need no saving. */
  saved(page: number): boolean {
    return !this.#undo || (this.#undo.active && this.#undo.has(page));
  }

  /** Whether nothing more can be saved before a new epoch, or the host lets no translated code store there. */
  storeNeedsStep(address: number, size: number): boolean {
    if (this.#undo?.full) return true;
    if (this.guarded !== 'accesses') return false;
    const [first, last] = [Math.floor(address / pageSize), Math.floor((address + size - 1) / pageSize)];
    return ((this.#flags[first]! | this.#flags[last]!) & pageBit.hasCode) !== 0;
  }

  /** Bytes are about to change otherwise than by an unguarded store. */
  #changing(): void {
    this.#written = true;
    if (this.#undo?.active === false) this.#undo.spoil();
  }
}

/** The pages that exist for the guest, those that lie one after another together. */
function* mappedRuns(flags: Uint8Array): Iterable<PageRange> {
  let mapped = { first: 0, end: 0 };
  for (const run of alikeRuns(pageBytes(flags), 0, flags.length)) {
    if (!(flags[run.first]! & pageBit.mapped)) continue;
    if (run.first !== mapped.end) {
      if (mapped.end > 0) yield mapped;
      mapped = { ...run };
    } else mapped.end = run.end;
  }
  if (mapped.end > 0) yield mapped;
}

import { type GuestMemory, pageSize, permission } from '../../../application/ports/guest-memory.ts';
import type { MemoryFault } from '../../../domain/ir/evaluator.ts';
import type { MemoryWatch, WatchedAccess } from '../../../application/ports/stops.ts';
import { allocate, wasmPage } from './allocate.ts';
import { changePageBytes } from './change-page-bytes.ts';
import { control, controlSize, pageBit, threadedCodeAt } from './control-memory.ts';
import type { EffectMarks } from './effect-marks.ts';
import { EngineFault } from './engine-fault.ts';
import { HostGuard } from './host-guard.ts';
import { HugePages, worthHugePages } from './huge-pages.ts';
import type { PageProtection } from './page-protection.ts';
import type { Undo } from './undo-log.ts';
import { WatchedRanges } from './watched-ranges.ts';

/** Told when bytes of `[start, end)` that may have been translated change, or can no longer be executed. */
export type CodeListener = (start: number, end: number) => void;

const permissionBits = permission.read | permission.write | permission.execute;

/**
 * Guest memory in one WebAssembly memory, with a byte of flags a page in the control memory. Laws:
 * `storeOk` is set only on pages that are writable, dirty, touched, free of translated code, without watched writes and, where
 * changes are undone, saved; `read` is not set on pages with watched reads; a page that is not
 * `touched` holds zeros (so mapping and unmapping clear only what was touched); every change of contents marks
 * the page dirty and touched; every change to a page that has code is told to the code listener.
 */
export class FlatMemory implements GuestMemory {
  readonly size: number;
  readonly guest: WebAssembly.Memory;
  readonly control: WebAssembly.Memory;
  /** The guest's bytes, of readable pages where the memory is guarded. Writing here goes behind the page flags. */
  readonly bytes: Uint8Array;
  /** The page bytes. */
  readonly flags: Uint8Array;
  readonly view: DataView;
  onCodeChange: CodeListener = () => undefined;
  readonly watched: WatchedRanges;
  readonly host: HostGuard;
  /** Where accesses are marked, if they are. */
  readonly marks: EffectMarks | undefined;
  readonly #pageCount: number;
  readonly #hugePages: HugePages;
  #dirty: number[] = [];
  readonly #touched = new Set<number>();

  /** `size`: bytes of guest address space, a multiple of 64 KiB up to 4 GiB. Throws EngineFault. */
  constructor(size: number, marks?: EffectMarks) {
    if (!Number.isInteger(size) || size <= 0 || size % wasmPage !== 0 || size > 2 ** 32)
      throw new EngineFault(
        'memory-size',
        `guest memory of ${size} bytes: give a multiple of 64 KiB, at most 4 GiB`,
        { size },
      );
    this.size = size;
    this.#pageCount = size / pageSize;
    // V8 answers each with a garbage collection; that for the larger one ends what that for the other one began.
    this.control = allocate(Math.ceil(controlSize(this.#pageCount) / wasmPage) * wasmPage, 'control');
    this.guest = allocate(size, 'guest');
    this.bytes = new Uint8Array(this.guest.buffer);
    this.view = new DataView(this.guest.buffer);
    this.flags = new Uint8Array(this.control.buffer, control.pages, this.#pageCount + 1);
    this.#hugePages = new HugePages(this.bytes);
    this.host = new HostGuard(this.bytes, this.flags);
    this.marks = marks;
    this.watched = new WatchedRanges(this.flags, this.#pageCount, marks);
  }

  get pageCount(): number {
    return this.#pageCount;
  }

  /** Has the host guard the pages, for stores too if `undo` learns of them; `undo` is to save what changes from now on. */
  guardWith(protection: PageProtection, undo: Undo, guardsStores: boolean): void {
    this.withdrawStores(this.#touched);
    this.host.begin(protection, undo, guardsStores);
  }

  /** Goes back to checked accesses for good. */
  unguard(): void {
    this.absorb();
    this.host.end();
  }

  /** Takes in what unguarded stores have changed in pages `[first, end)`. */
  absorb(first = 0, end = this.#pageCount): void {
    for (const { start, end: until } of this.host.absorb(first, end))
      for (let page = start / pageSize; page < until / pageSize; page++)
        if (this.flags[page]! & pageBit.mapped) this.markChanged(page);
  }

  /** Has the next store to each of these pages come through here again. */
  withdrawStores(pages: Iterable<number>): void {
    for (const page of pages) this.flags[page] = this.flags[page]! & ~pageBit.storeOk;
  }

  /** Watches these ranges and no others. With watched reads, the memory must not be guarded. */
  watch(watches: readonly MemoryWatch[]): void {
    this.watched.set(watches);
    this.withdrawStores(this.watched.writePages);
  }

  takeAccesses(): readonly WatchedAccess[] {
    return this.watched.take();
  }

  map(address: number, length: number, permissions: number): void {
    const fresh = pageBit.mapped | (permissions & permissionBits);
    this.#changePages(address, length, fresh, (page) => {
      this.#clear(page);
      this.flags[page] = fresh | (this.flags[page]! & (pageBit.touched | pageBit.dirty));
      this.#allowStores(page);
    });
  }

  unmap(address: number, length: number): void {
    this.#changePages(address, length, 0, (page) => {
      this.#clear(page);
      this.flags[page] = this.flags[page]! & (pageBit.touched | pageBit.dirty);
    });
  }

  protect(address: number, length: number, permissions: number): void {
    const fresh = pageBit.mapped | (permissions & permissionBits);
    this.#changePages(address, length, fresh, (page) => {
      this.forgetCode(page);
      this.flags[page] = fresh | (this.flags[page]! & (pageBit.touched | pageBit.dirty));
      this.#allowStores(page);
    });
  }

  permissionsAt(address: number): number | undefined {
    if (!(address >= 0 && address < this.size)) return undefined;
    const flags = this.watched.flagsOf(Math.floor(address / pageSize));
    return flags & pageBit.mapped ? flags & permissionBits : undefined;
  }

  read(address: number, length: number, need: number = permission.read): Uint8Array | MemoryFault {
    const fault = this.fault(address, length, need, 'load');
    if (fault) return fault;
    this.host.open(address, length, 'read');
    this.watched.note('read', address, length);
    return this.bytes.slice(address, address + length);
  }

  write(address: number, bytes: Uint8Array, need: number = permission.write): MemoryFault | undefined {
    const fault = this.fault(address, bytes.length, need, 'store');
    if (fault || bytes.length === 0) return fault;
    this.touch(address, bytes.length);
    this.watched.note('write', address, bytes.length);
    this.bytes.set(bytes, address);
    return undefined;
  }

  get dirtyPages(): number {
    return this.#dirty.length + this.#unabsorbedWithout(pageBit.dirty);
  }

  takeDirtyPages(): readonly number[] {
    this.absorb();
    const dirty = this.#dirty.sort((a, b) => a - b);
    for (const page of dirty) this.flags[page] = this.flags[page]! & ~(pageBit.dirty | pageBit.storeOk);
    this.#dirty = [];
    return dirty;
  }

  get touchedCount(): number {
    return this.#touched.size + this.#unabsorbedWithout(pageBit.touched);
  }

  touchedPages(): readonly number[] {
    this.absorb();
    return [...this.#touched].sort((a, b) => a - b);
  }

  /** How many pages unguarded stores have changed that do not have the bit yet. */
  #unabsorbedWithout(bit: number): number {
    let count = 0;
    for (const { start, end } of this.host.unabsorbed())
      for (let page = start / pageSize; page < end / pageSize; page++)
        if ((this.flags[page]! & (pageBit.mapped | bit)) === pageBit.mapped) count++;
    return count;
  }

  page(number: number): Uint8Array {
    this.#checkPage(number);
    this.host.open(number * pageSize, pageSize, 'read');
    return this.bytes.subarray(number * pageSize, (number + 1) * pageSize);
  }

  expect(address: number, length: number): void {
    if (length < worthHugePages || this.host.guarded !== 'nothing') return;
    if (!this.#hugePages.used) {
      // A large program has much code.
      const code = threadedCodeAt(this.#pageCount);
      new HugePages(new Uint8Array(this.control.buffer)).advise(code, code + 2 * worthHugePages);
    }
    this.#hugePages.advise(address, address + length);
  }

  setPages(first: number, bytes: Uint8Array): void {
    const count = bytes.length / pageSize;
    this.#checkPage(first);
    if (count === 0 || !Number.isInteger(count))
      throw new RangeError(`${bytes.length} bytes are not whole pages`);
    this.#checkPage(first + count - 1);
    this.touch(first * pageSize, bytes.length);
    this.bytes.set(bytes, first * pageSize);
  }

  /** Why `length` bytes at `address` cannot be accessed with all bits of `need`, or undefined when they can. */
  fault(
    address: number,
    length: number,
    need: number,
    access: MemoryFault['access'],
  ): MemoryFault | undefined {
    if (length <= 0) return undefined;
    // Far beyond the end doubles have gaps, so nothing may be added to such an address.
    if (!(address >= 0 && address < this.size))
      return { access, kind: 'unmapped', address: BigInt.asUintN(64, BigInt(Math.trunc(address) || 0)) };
    for (let at = address; at < address + length; at = (Math.floor(at / pageSize) + 1) * pageSize) {
      const flags = at < this.size ? this.watched.flagsOf(Math.floor(at / pageSize)) : 0;
      if ((flags & need) === need && flags & pageBit.mapped) continue;
      return { access, kind: flags & pageBit.mapped ? 'protection' : 'unmapped', address: BigInt(at) };
    }
    return undefined;
  }

  /** Prepares accessible pages for a change of `length` (> 0) bytes at `address`: dirty, touched, code forgotten. */
  touch(address: number, length: number): void {
    this.host.open(address, length, 'write');
    const last = Math.floor((address + length - 1) / pageSize);
    for (let page = Math.floor(address / pageSize); page <= last; page++) {
      const flags = this.flags[page]!;
      if (flags & pageBit.storeOk) continue;
      this.host.save(page);
      if (flags & pageBit.hasCode) this.onCodeChange(address, address + length);
      this.markChanged(page);
    }
    // Forgetting code may have closed pages again.
    this.host.open(address, length, 'write');
  }

  /** Marks a page dirty and touched, and lets later stores pass when nothing speaks against it. */
  markChanged(page: number): void {
    const flags = this.flags[page]!;
    if (!(flags & pageBit.dirty)) this.#dirty.push(page);
    if (!(flags & pageBit.touched)) this.#touched.add(page);
    this.flags[page] = flags | pageBit.dirty | pageBit.touched;
    this.#allowStores(page);
  }

  /** Records that code of `page` has been translated (or no longer is). */
  setHasCode(page: number, hasCode: boolean): void {
    const flags = this.flags[page]! & ~(pageBit.hasCode | pageBit.storeOk);
    this.flags[page] = hasCode ? flags | pageBit.hasCode : flags;
    this.#allowStores(page);
    this.host.codeChanged(page);
  }

  #allowStores(page: number): void {
    const flags = this.flags[page]!;
    const needed = pageBit.write | pageBit.dirty | pageBit.touched | pageBit.mapped;
    if ((flags & (needed | pageBit.hasCode)) !== needed || this.watched.writePages.has(page)) return;
    if (this.host.saved(page)) this.flags[page] = flags | pageBit.storeOk;
  }

  /** Prepares a page for getting back the bytes that it had. */
  beforeRestore(page: number): void {
    this.forgetCode(page);
    this.host.open(page * pageSize, pageSize, 'write');
  }

  /** Tells that a page's bytes are about to change by other ways than a store. */
  forgetCode(page: number): void {
    if (this.flags[page]! & pageBit.hasCode) this.onCodeChange(page * pageSize, (page + 1) * pageSize);
  }

  /** Makes a page's contents zero. */
  #clear(page: number): void {
    this.forgetCode(page);
    const flags = this.flags[page]!;
    if (!(flags & pageBit.touched)) return;
    this.watched.note('write', page * pageSize, pageSize);
    // Forgetting code may have closed the page.
    this.host.unlock(page, page + 1);
    this.bytes.fill(0, page * pageSize, (page + 1) * pageSize);
    if (!(flags & pageBit.dirty)) this.#dirty.push(page);
    this.#touched.delete(page);
    this.flags[page] = (flags & ~pageBit.touched) | pageBit.dirty;
  }

  /** Gives pages that nothing is known of the byte `fresh`, and does `change` to the others. */
  #changePages(address: number, length: number, fresh: number, change: (page: number) => void): void {
    const end = address + length;
    if (
      !(address >= 0 && length >= 0 && end <= this.size) ||
      address % pageSize !== 0 ||
      length % pageSize !== 0
    )
      throw new RangeError(`pages [${address}, ${end}) do not lie in a guest memory of ${this.size} bytes`);
    this.absorb(address / pageSize, end / pageSize);
    this.host.unlock(address / pageSize, end / pageSize);
    changePageBytes(this.flags, address / pageSize, end / pageSize, fresh, change);
    for (const page of this.watched.readPages)
      if (page >= address / pageSize && page < end / pageSize) this.watched.changed(page);
    this.host.absorb(address / pageSize, end / pageSize);
    this.host.settle(address / pageSize, end / pageSize);
    if (fresh & permissionBits) this.host.readable(address / pageSize, end / pageSize);
    if (fresh & permission.write && this.#hugePages.used) this.expect(address, length);
  }

  #checkPage(number: number): void {
    if (!(Number.isInteger(number) && number >= 0 && number < this.#pageCount))
      throw new RangeError(`there is no page ${number} in a guest memory of ${this.#pageCount} pages`);
  }
}

import { openSync } from 'node:fs';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { nativeCalls } from '../../host/native-library.ts';
import { HugePages } from './huge-pages.ts';

/**
 * The host's knowledge of which pages of a memory have been written, without a look at any store: Linux (6.7 and later) write-protects
 * the pages for userfaultfd, lifts that at the first write to a page without telling anyone, and says later for which pages it
 * did. Sources: userfaultfd(2), UFFD_FEATURE_WP_ASYNC; PAGEMAP_SCAN in the kernel's Documentation/admin-guide/mm/pagemap.rst.
 * A read of a page that nothing was ever written to gets the kernel's page of zeros; where the kernel has none, a page that counts as
 * written. There pages are protected before they exist (UFFD_FEATURE_WP_UNPOPULATED), which takes 0.6 ms for 64 MiB, and page tables.
 * Measured (Node 24.21, x86-64, Linux 6.18): a sieve whose stores need no page byte takes 0.75 of the time.
 */
export interface WriteTracking {
  /** What the first write to a page costs, in microseconds: one on a common machine, ten and more on some virtual ones. */
  readonly writeCost: number;
  /** Tracks a WebAssembly memory, whose pages count as written at first; undefined when the host refuses. */
  track(bytes: Uint8Array): TrackedMemory | undefined;
}

export interface TrackedMemory {
  /** The ranges of `[start, end)` written since they were last taken, in order. Throws Error when the host fails. */
  take(start: number, end: number): readonly WrittenRange[];
  /**
   * Has the first read of a page of `[start, end)` not count as a write, on hosts where it would; to be called when pages can be
   * read from now on and what was written to them has been taken. Throws Error when the host fails.
   */
  readable(start: number, end: number): void;
  /** The ranges that `take` would give, which it still will. */
  written(start: number, end: number): readonly WrittenRange[];
}

export interface WrittenRange {
  readonly start: number;
  readonly end: number;
}

/** Why the host does not track writes. */
export interface NoWriteTracking {
  readonly reason: string;
}

const userfaultfd = { x64: 323, arm64: 282 } as const;
const userModeOnly = 1;
const uffd = {
  api: 0xc018aa3f,
  version: 0xaan,
  unpopulated: 1n << 13n,
  asynchronous: 1n << 15n,
  register: 0xc020aa00,
  protect: 0xc018aa06,
  writeProtect: 2n,
};
const pagemapScan = 0xc0606610;
const scan = {
  writeProtectMatching: 1n,
  checkAsynchronous: 2n,
  written: 2n,
  inMemory: 8n,
  swapped: 16n,
  zeroPage: 32n,
  huge: 64n,
} as const;
/** Pages that have all of some properties, the inverted ones of which are to be absent, and any of others. */
interface Query {
  readonly flags: bigint;
  readonly inverted: bigint;
  readonly all: bigint;
  readonly any: bigint;
}

const tellWritten: Query = {
  flags: 0n,
  inverted: scan.zeroPage,
  all: scan.written | scan.zeroPage,
  any: scan.inMemory | scan.swapped,
};
const takeWritten: Query = { ...tellWritten, flags: scan.writeProtectMatching | scan.checkAsynchronous };
const tellHuge: Query = { flags: 0n, inverted: 0n, all: scan.huge, any: 0n };
const noHugePages = 15;
const hugePage = 2 << 20;
/** Ranges that one call of the host reports. */
const regions = 512;

let tested: WriteTracking | NoWriteTracking | undefined;

/** The host's tracking of writes, if a test of it succeeds; the answer holds for the life of the process. */
export function hostWriteTracking(): WriteTracking | NoWriteTracking {
  return (tested ??= testedTracking());
}

function testedTracking(): WriteTracking | NoWriteTracking {
  if (process.platform !== 'linux') return { reason: `not known how on ${process.platform}` };
  const system = userfaultfd[process.arch as 'x64'] as number | undefined;
  if (system === undefined) return { reason: `not known how on ${process.arch}` };
  try {
    for (const protectsFirst of [false, true]) {
      const tracking = new UserFaultTracking(system, protectsFirst);
      if (!tellsWrites(tracking) || !tellsOfHugePages(tracking)) continue;
      tracking.writeCost = measuredWriteCost(tracking);
      return tracking;
    }
    return { reason: 'the host does not tell exactly which pages were written' };
  } catch (error) {
    return { reason: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
  }
}

class UserFaultTracking implements WriteTracking {
  readonly #ioctl: (file: number, request: number, argument: Uint8Array | BigUint64Array) => number;
  readonly #madvise: (address: Uint8Array, length: number, advice: number) => number;
  readonly #addressOf: (bytes: Uint8Array | BigUint64Array) => bigint;
  readonly #file: number;
  readonly #protectsFirst: boolean;
  readonly #pages = openSync('/proc/self/pagemap', 'r');
  readonly #found = new BigUint64Array(3 * regions);
  writeCost = 0;

  /**
   * `systemCall`: the number of userfaultfd; `protectsFirst`: whether pages are protected before they exist. Throws Error when the
   * host lacks any of it.
   */
  constructor(systemCall: number, protectsFirst: boolean) {
    this.#protectsFirst = protectsFirst;
    const libc = nativeCalls().load('libc.so.6');
    this.#ioctl = libc.func('int ioctl(int file, unsigned long request, void *argument)');
    this.#madvise = libc.func('int madvise(void *address, size_t length, int advice)');
    // Moving no bytes gives the address.
    const move = libc.func('uint64_t memmove(void *to, void *from, size_t length)');
    this.#addressOf = (bytes) => BigInt(move(bytes, bytes, 0) as number | bigint);
    const call = libc.func('long syscall(long number, long flags)');
    this.#file = Number(call(systemCall, 0o2000000 | userModeOnly));
    if (this.#file < 0) throw new Error('the host gives no userfaultfd');
    const features = uffd.asynchronous | (protectsFirst ? uffd.unpopulated : 0n);
    if (this.#ioctl(this.#file, uffd.api, BigUint64Array.of(uffd.version, features, 0n)) !== 0)
      throw new Error('the host has no asynchronous write protection (Linux before 6.7)');
  }

  track(bytes: Uint8Array): TrackedMemory | undefined {
    const base = this.#addressOf(bytes);
    // The first write to a huge page would count as one to each of its pages.
    this.#madvise(bytes, bytes.length, noHugePages);
    const range = BigUint64Array.of(base, BigInt(bytes.length), uffd.writeProtect, 0n);
    if (this.#ioctl(this.#file, uffd.register, range) !== 0) return undefined;
    this.#splitHugePages(base, bytes.length);
    return {
      take: (start, end) => this.#ask(takeWritten, base, start, end),
      readable: (start, end) => {
        if (this.#protectsFirst) this.#protect(base + BigInt(start), BigInt(end - start), 1n);
      },
      written: (start, end) => this.#ask(tellWritten, base, start, end),
    };
  }

  /** Makes small pages of huge ones: of a huge page of zeros the host would tell that all of it was written when some of it was. */
  #splitHugePages(base: bigint, length: number): void {
    for (const { start, end } of this.#ask(tellHuge, base, 0, length))
      for (let at = start; at < end; at += hugePage)
        for (const mode of [1n, 0n]) this.#protect(base + BigInt(at), BigInt(pageSize), mode);
  }

  /** `mode`: 1 to protect, 0 to lift that. */
  #protect(address: bigint, length: bigint, mode: bigint): void {
    if (this.#ioctl(this.#file, uffd.protect, BigUint64Array.of(address, length, mode)) !== 0)
      throw new Error('the host no longer protects pages of guest memory');
  }

  /** The ranges of `[start, end)` whose pages the query asks for. */
  #ask(query: Query, base: bigint, start: number, end: number): readonly WrittenRange[] {
    const ranges: WrittenRange[] = [];
    const argument = new BigUint64Array(12);
    const [size, found] = [BigInt(argument.byteLength), this.#addressOf(this.#found)];
    const last = base + BigInt(end);
    for (let at = base + BigInt(start); at < last; at = argument[4]!) {
      const { flags, inverted, all, any } = query;
      argument.set([size, flags, at, last, 0n, found, BigInt(regions), 0n, inverted, all, any, all]);
      const count = this.#ioctl(this.#pages, pagemapScan, argument);
      if (count < 0) throw new Error('the host no longer tells which pages of guest memory were written');
      for (let index = 0; index < count; index++)
        ranges.push({
          start: Number(this.#found[3 * index]! - base),
          end: Number(this.#found[3 * index + 1]! - base),
        });
    }
    return ranges;
  }
}

/** Writes to pages of a small memory, reads from others, and asks for those written. */
function tellsWrites(tracking: WriteTracking): boolean {
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 2, maximum: 2 }).buffer);
  const [page, other, untouched] = [0x2000, 0x9000, 0xd000];
  bytes[page] = 1;
  const tracked = tracking.track(bytes);
  const told = (): string => JSON.stringify(tracked?.take(0, bytes.length));
  const only = (start: number) => JSON.stringify([{ start, end: start + 0x1000 }]);
  const atFirst = told() === only(page);
  tracked?.readable(0, bytes.length);
  bytes[other] = bytes[page]! + bytes[untouched]!;
  return atFirst && told() === only(other) && told() === '[]' && bytes[page] === 1 && bytes[other] === 1;
}

/** The same where a written page, and one that was only read, may have become huge pages before they were tracked. */
function tellsOfHugePages(tracking: WriteTracking): boolean {
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 96, maximum: 96 }).buffer);
  new HugePages(bytes).advise(hugePage, 3 * hugePage);
  bytes[hugePage] = 1 + bytes[2 * hugePage]!;
  const tracked = tracking.track(bytes);
  const atFirst = tracked?.take(0, bytes.length)[0]?.start === hugePage;
  tracked?.readable(0, bytes.length);
  const pages = [hugePage, hugePage + 0x9000, 2 * hugePage + 0x3000];
  for (const at of pages) bytes[at] = 2;
  const told = JSON.stringify(tracked?.take(0, bytes.length));
  return atFirst && told === JSON.stringify(pages.map((start) => ({ start, end: start + 0x1000 })));
}

/** The least of a few times of first writes, as whatever disturbs makes it longer. */
function measuredWriteCost(tracking: WriteTracking): number {
  const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1 }).buffer);
  const tracked = tracking.track(bytes);
  let least = Infinity;
  for (let time = 0; time < 3; time++) {
    tracked?.take(0, bytes.length);
    const began = performance.now();
    for (let at = 0; at < bytes.length; at += pageSize) bytes[at] = time;
    least = Math.min(least, performance.now() - began);
  }
  return (1000 * least * pageSize) / bytes.length;
}

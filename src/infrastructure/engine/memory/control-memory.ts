/**
 * The control memory of a machine: everything an engine keeps beside the guest's bytes, in one WebAssembly memory
 * so that generated code reaches it. From address 0: the vCPU's state block, the control words, the page bytes
 * (one a guest page and one more), the jump cache, the bits of known entries, threaded code.
 */
export const control = {
  /** The vCPU state block: at most 4 KiB. */
  cpu: 0,
  /** i64: the instruction count at which the running slice is used up. */
  sliceEnd: 0x1000,
  /** i32: instructions left of the slice when generated code returned. */
  remaining: 0x1008,
  /** i32: the exceptions raised by the last floating-point operation done out of line. */
  flags: 0x100c,
  /** i32: entries until a block that generated code threads is called hot; 0: it threads none. */
  threading: 0x1010,
  /** i32s: where the next record of threaded code goes, and where the notes begin of what generated code threaded. */
  threadedFree: 0x1014,
  threadedEnd: 0x1018,
  /** i32s: the places in the function table of the interpreter's `head` and `goOn`. */
  head: 0x101c,
  goOn: 0x1020,
  /** i32 each: how many more targets of a computed jump are noted before the code that notes them leaves. */
  targetsLeft: 0x2000,
  /** i32 each: the targets noted last, those of each jump together ({@link targetSamples}). */
  targets: 0x3000,
  /** i32s by shape: the place in the function table of its handler; 0: there is none yet. */
  handlers: 0xc000,
  /** Page bytes ({@link pageBit}), one a guest page. */
  pages: 0x2_0000,
} as const;

/** Computed jumps whose targets are sampled, and targets kept of each (a power of two). */
export const targetSamples = { sites: 512, targets: 16 } as const;

/** The bits of a page byte. */
export const pageBit = {
  read: 1,
  write: 2,
  execute: 4,
  /** The page exists for the guest, with whatever permissions. */
  mapped: 8,
  /** Writable, already dirty, and without translated code: a store needs no further thought. */
  storeOk: 16,
  /** Code of this page has been translated. */
  hasCode: 32,
  /** The page may hold something other than zero. */
  touched: 64,
  /** Written since the dirty pages were last taken. */
  dirty: 128,
} as const;

/** Entries of the jump cache (a power of two) and bytes of one: pc i64, table index i32, entry block i32. */
export const jumpCache = { entries: 1 << 16, entrySize: 16 } as const;

/** Where the jump cache of a machine with `pageCount` guest pages lies. */
export const jumpCacheAt = (pageCount: number): number =>
  control.pages + Math.ceil((pageCount + 1) / 16) * 16;

/** Shapes whose handlers generated code finds. */
export const handlersFound = (control.pages - control.handlers) / 4;

/** Bits, by a hash of the address: whether some entry may begin there, so that generated code threads no block anew. */
export const knownEntries = { bits: 20, factor: 0x9e37_79b1 } as const;

/** Where these bits of a machine with `pageCount` guest pages lie. */
export const knownEntriesAt = (pageCount: number): number =>
  jumpCacheAt(pageCount) + jumpCache.entries * jumpCache.entrySize;

/** Bytes of threaded code that fit; the host gives memory only for what is used. */
export const threadedCode = { size: 64 << 20 } as const;

/** Where the threaded code of a machine with `pageCount` guest pages lies. */
export const threadedCodeAt = (pageCount: number): number =>
  knownEntriesAt(pageCount) + (1 << (knownEntries.bits - 3));

/** Bytes of control memory for a machine with `pageCount` guest pages. */
export const controlSize = (pageCount: number): number => threadedCodeAt(pageCount) + threadedCode.size;

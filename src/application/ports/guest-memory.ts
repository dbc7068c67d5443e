import type { MemoryFault } from '../../domain/ir/evaluator.ts';
import type { WatchedAccess } from './stops.ts';

export const pageSize = 4096;

/** Page permissions, as bits. No bit: the page is mapped without access. */
export const permission = { read: 1, write: 2, execute: 4 } as const;

/**
 * The bytes of one guest address space: flat, `size` bytes from address 0, in pages of 4 KiB. Addresses and lengths
 * are bytes; `map`, `unmap` and `protect` take multiples of a page.
 */
export interface GuestMemory {
  readonly size: number;
  /** Makes pages accessible with `permissions`; their contents become zero. */
  map(address: number, length: number, permissions: number): void;
  /** Makes pages inaccessible and their contents zero. */
  unmap(address: number, length: number): void;
  protect(address: number, length: number, permissions: number): void;
  /** The permission bits of the page that holds `address`, or undefined where nothing is mapped. */
  permissionsAt(address: number): number | undefined;
  /** Copies out; every page must be mapped and have all bits of `need` (default read). */
  read(address: number, length: number, need?: number): Uint8Array | MemoryFault;
  /** Copies in; every page must be mapped and have all bits of `need` (default write). All or nothing. */
  write(address: number, bytes: Uint8Array, need?: number): MemoryFault | undefined;
  /** How many pages `takeDirtyPages` would give. */
  readonly dirtyPages: number;
  /** The numbers (address / 4096), ascending, of the pages whose contents may have changed since the last call. */
  takeDirtyPages(): readonly number[];
  /** Accesses to watched bytes by `read`, `write`, `map` and `unmap` since the last call, in order. */
  takeAccesses(): readonly WatchedAccess[];
  /** How many pages `touchedPages` would give. */
  readonly touchedCount: number;
  /** The numbers, ascending, of all pages that may hold something other than zero. */
  touchedPages(): readonly number[];
  /** A live view of a page's 4096 bytes, whatever its permissions; not to be written or kept. */
  page(number: number): Uint8Array;
  /** Says that much of `length` bytes at `address` is about to be set: the host may be told. Changes nothing. */
  expect(address: number, length: number): void;
  /** Replaces the bytes of whole pages from the numbered one on, whatever their permissions (restoring a snapshot). */
  setPages(first: number, bytes: Uint8Array): void;
}

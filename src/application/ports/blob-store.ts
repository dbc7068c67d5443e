import type { Digest } from '../../domain/shared/digest.ts';

/**
 * Content-addressed bytes (program images, host data, checkpoint pages). A blob is durable when `put` (or, for
 * several, `putMany`) resolves; it must be so before an event refers to it.
 */
export interface BlobStore {
  put(content: Uint8Array): Promise<Digest>;
  putMany(contents: readonly Uint8Array[]): Promise<readonly Digest[]>;
  /** The bytes, checked against the digest. Throws StoreFault `blob-missing` or `blob-damaged`. */
  get(digest: Digest): Promise<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
  /** Drops every blob that is not in `live`; gives the bytes freed. */
  collect(live: ReadonlySet<Digest>): Promise<number>;
  close(): Promise<void>;
}

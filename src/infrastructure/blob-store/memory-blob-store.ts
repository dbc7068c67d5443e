import type { BlobStore } from '../../application/ports/blob-store.ts';
import { StoreFault } from '../../application/ports/store-fault.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { checkBlobLength, sha256 } from './sha256.ts';

/** Blobs in this process's memory: for tests, and for runs that nobody asked to keep. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Digest, Uint8Array>();
  #closed = false;

  async put(content: Uint8Array): Promise<Digest> {
    const [digest] = await this.putMany([content]);
    return digest!;
  }

  async putMany(contents: readonly Uint8Array[]): Promise<readonly Digest[]> {
    this.#mustBeOpen();
    contents.forEach(checkBlobLength);
    return contents.map((content) => {
      const digest = sha256(content);
      if (!this.#blobs.has(digest)) this.#blobs.set(digest, Uint8Array.from(content));
      return digest;
    });
  }

  async get(digest: Digest): Promise<Uint8Array> {
    this.#mustBeOpen();
    const content = this.#blobs.get(digest);
    if (content === undefined) {
      throw new StoreFault('blob-missing', `There is no blob ${digest} in this store.`, { digest });
    }
    return Uint8Array.from(content);
  }

  async has(digest: Digest): Promise<boolean> {
    this.#mustBeOpen();
    return this.#blobs.has(digest);
  }

  async collect(live: ReadonlySet<Digest>): Promise<number> {
    this.#mustBeOpen();
    let freed = 0;
    for (const [digest, content] of this.#blobs) {
      if (live.has(digest)) continue;
      freed += content.length;
      this.#blobs.delete(digest);
    }
    return freed;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #mustBeOpen(): void {
    if (this.#closed)
      throw new StoreFault('store-closed', 'The blob store is closed; open it again to use it.');
  }
}

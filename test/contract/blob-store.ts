import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import type { BlobStore } from '../../src/application/ports/blob-store.ts';
import { asDigest, type Digest } from '../../src/domain/shared/digest.ts';

export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  readonly reopen?: () => Promise<BlobStore>;
  readonly another?: () => Promise<BlobStore>;
  readonly dispose: () => Promise<void>;
}

const nameOf = (content: Uint8Array): Digest => asDigest(createHash('sha256').update(content).digest('hex'));

/** Pages as a checkpoint has them: alike, not equal, some of them zero. */
const pages = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) =>
    new Uint8Array(4096)
      .fill(index % 7, 0, 2000)
      .fill(index >> 8, 2000, 2008)
      .fill(index & 255, 3000, 3004),
  );

/** What every BlobStore does, whatever holds the blobs. */
export const blobStoreContract = (name: string, open: () => Promise<BlobStoreUnderTest>): void => {
  describe(`the blob store contract, ${name}`, () => {
    let tested: BlobStoreUnderTest;
    let store: BlobStore;
    beforeEach(async () => {
      tested = await open();
      store = tested.store;
    });
    afterEach(async () => {
      await tested.dispose();
    });

    test('names a blob by its SHA-256 and gives its bytes back', async () => {
      const contents = [
        new Uint8Array(0),
        Uint8Array.of(0),
        randomBytes(100),
        new Uint8Array(4096),
        randomBytes(3 << 20),
      ];
      for (const content of contents) {
        const digest = await store.put(content);
        expect(digest).toBe(nameOf(content));
        expect(await store.has(digest)).toBe(true);
        expect(Buffer.compare(await store.get(digest), content)).toBe(0);
      }
    });

    test('stores many blobs at once, in the order given, equal ones included', async () => {
      const contents = [...pages(3000), ...pages(10), new Uint8Array(4096)];
      const digests = await store.putMany(contents);
      expect(digests).toEqual(contents.map(nameOf));
      for (const [index, digest] of digests.entries()) {
        expect(Buffer.compare(await store.get(digest), contents[index]!)).toBe(0);
      }
      expect(await store.putMany([])).toEqual([]);
    });

    test('takes puts without waiting between them', async () => {
      const contents = Array.from({ length: 500 }, () => randomBytes(64));
      const digests = await Promise.all(
        contents.flatMap((content) => [store.put(content), store.put(content)]),
      );
      expect(new Set(digests)).toEqual(new Set(contents.map(nameOf)));
      for (const content of contents)
        expect(Buffer.compare(await store.get(nameOf(content)), content)).toBe(0);
    });

    test('gives bytes that the caller may change', async () => {
      const content = Uint8Array.of(1, 2, 3);
      const digest = await store.put(content);
      content[0] = 9;
      (await store.get(digest))[1] = 9;
      expect([...(await store.get(digest))]).toEqual([1, 2, 3]);
    });

    test('takes a view into a larger buffer for the bytes it shows', async () => {
      const large = randomBytes(10_000);
      const view = large.subarray(5000, 5100);
      expect(Buffer.compare(await store.get(await store.put(view)), view)).toBe(0);
    });

    test('says which blob is missing', async () => {
      const digest = nameOf(Uint8Array.of(1));
      expect(await store.has(digest)).toBe(false);
      await expect(store.get(digest)).rejects.toMatchObject({ code: 'blob-missing', context: { digest } });
    });

    test('collects what is not live, and says how many bytes that freed', async () => {
      const kept = await store.putMany([...pages(300), randomBytes(5000)]);
      const dropped = await store.putMany([randomBytes(100_000), randomBytes(2 << 20)]);
      const live = new Set(kept.filter((_, index) => index % 3 === 0));
      const freed = await store.collect(live);
      expect(freed).toBeGreaterThan(2 << 20);
      for (const digest of [...kept, ...dropped]) expect(await store.has(digest)).toBe(live.has(digest));
      for (const digest of live) expect(nameOf(await store.get(digest))).toBe(digest);
      expect(await store.collect(live)).toBe(0);
      const again = await store.put(pages(2)[1]!);
      expect(Buffer.compare(await store.get(again), pages(2)[1]!)).toBe(0);
    });

    test('says that it is closed', async () => {
      const digest = await store.put(Uint8Array.of(1));
      await store.close();
      await store.close();
      const closed = { name: 'StoreFault', code: 'store-closed' };
      await expect(store.put(Uint8Array.of(2))).rejects.toMatchObject(closed);
      await expect(store.get(digest)).rejects.toMatchObject(closed);
      await expect(store.has(digest)).rejects.toMatchObject(closed);
      await expect(store.collect(new Set())).rejects.toMatchObject(closed);
    });

    test('keeps blobs when it is opened again', async () => {
      if (tested.reopen === undefined) {
        console.log(`${name} does not outlive its process: reopening is not tested`);
        return;
      }
      const contents = [...pages(600), randomBytes(70_000)];
      const digests = await store.putMany(contents);
      store = await tested.reopen();
      for (const digest of digests) expect(nameOf(await store.get(digest))).toBe(digest);
      expect(await store.putMany(contents)).toEqual(digests);
    });

    test('serves several users of one store, who find what the others put', async () => {
      if (tested.another === undefined) {
        console.log(`${name} has one user only: sharing is not tested`);
        return;
      }
      const other = await tested.another();
      const mine = await store.put(randomBytes(1000));
      const theirs = await other.put(randomBytes(1000));
      expect(nameOf(await other.get(mine))).toBe(mine);
      expect(nameOf(await store.get(theirs))).toBe(theirs);
      await expect(store.collect(new Set())).rejects.toMatchObject({ code: 'store-locked' });
      await other.close();
    });
  });
};

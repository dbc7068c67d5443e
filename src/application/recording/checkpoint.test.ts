import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { asDigest, type Digest, type HashFunction } from '../../domain/shared/digest.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { MachineImage } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { checkpointBlobs, readCheckpoint } from './checkpoint.ts';
import { CheckpointWriter, collected, type EncodedCheckpoint } from './checkpoint-writer.ts';

const hash: HashFunction = (content) => asDigest(createHash('sha256').update(content).digest('hex'));
const page = (byte: number, at = 0): Uint8Array => new Uint8Array(pageSize).fill(byte, at, at + 1);

/** Blobs of the checkpoints stored so far. */
function blobStore() {
  const blobs = new Map<Digest, Uint8Array>();
  return {
    store: { get: (digest: Digest) => Promise.resolve(blobs.get(digest)!) } as BlobStore,
    put(encoded: EncodedCheckpoint): EncodedCheckpoint {
      for (const blob of encoded.blobs) blobs.set(hash(blob), blob);
      return encoded;
    },
  };
}

const snapshot = (
  icount: number,
  pages: readonly (readonly [number, Uint8Array])[],
  state: unknown = {},
) => ({
  icount,
  state,
  pages: new Map(pages),
});

/** An image of pages that hold a byte at their beginning, which is their mark, too. */
function imageOf(icount: number, ...pages: readonly (readonly [number, byte: number])[]): MachineImage {
  const bytes = new Map(pages);
  return {
    id: Symbol(),
    before: undefined,
    isUntouched: () => false,
    icount,
    state: {},
    pages: [...bytes.keys()],
    mark: (number, into) => void into.fill(bytes.get(number)!),
    read: (number) => page(bytes.get(number)!),
  };
}

describe('a checkpoint', () => {
  test('gives back every page where it was', async () => {
    const { store, put } = blobStore();
    const pages = [3, 4, 5, 9].map((number) => [number, page(number)] as const);
    const encoded = put(new CheckpointWriter(hash).encode(snapshot(7, pages)));
    expect(await readCheckpoint(encoded.snapshot, store)).toEqual(snapshot(7, pages));
  });

  test('gives back pages that came in other checkpoints, each with what it held last', async () => {
    const { store, put } = blobStore();
    const writer = new CheckpointWriter(hash);
    put(
      writer.encode(
        snapshot(1, [
          [3, page(1)],
          [4, page(2)],
        ]),
      ),
    );
    put(
      writer.encode(
        snapshot(2, [
          [3, page(1)],
          [4, page(2)],
          [5, page(3)],
          [6, page(4)],
        ]),
      ),
    );
    const last = [
      [3, page(1)],
      [4, page(9, 4000)],
      [5, page(3)],
      [6, page(4)],
      [7, page(5)],
    ] as const;
    const encoded = put(writer.encode(snapshot(3, last)));
    expect(await readCheckpoint(encoded.snapshot, store)).toEqual(snapshot(3, last));
  });

  test('sees a change anywhere in a page', () => {
    for (const at of [0, 5, pageSize / 2, pageSize - 1]) {
      const writer = new CheckpointWriter(hash);
      const before = writer.encode(snapshot(1, [[3, page(1)]]));
      const after = page(1);
      after[at]! ^= 2;
      expect(writer.encode(snapshot(1, [[3, after]])).snapshot).not.toBe(before.snapshot);
    }
  });

  test('stores pages once that did not change, and has one manifest for one history', () => {
    const histories = [0, 1].map(() => {
      const writer = new CheckpointWriter(hash);
      writer.encode(snapshot(1, [[3, page(1)]]));
      return writer.encode(snapshot(2, [[3, page(1)]]));
    });
    expect(histories[0]!.blobs).toHaveLength(1);
    expect(histories[0]!.snapshot).toBe(histories[1]!.snapshot);
  });

  test('holds large byte arrays of the kernel as blobs of their own', async () => {
    const { store, put } = blobStore();
    const state = { file: new Uint8Array(20_000).fill(7), name: 'kept' };
    const encoded = put(new CheckpointWriter(hash).encode(snapshot(1, [], state)));
    expect(encoded.blobs).toHaveLength(2);
    expect((await readCheckpoint(encoded.snapshot, store)).state).toEqual(state);
  });

  test('is the same of an image, whose pages are told apart by their marks', async () => {
    const { store, put } = blobStore();
    const histories = [
      [1, 2, 3],
      [9, 9, 3, 4],
      [9, 8, 3, 4, ...new Array<number>(400).fill(5)],
    ].map((bytes) => bytes.map((byte, number) => [number, byte] as const));
    const [snapshots, images, resumed] = [0, 1, 2].map(() => new CheckpointWriter(hash));
    for (const [icount, history] of histories.entries()) {
      const pages = history.map(([number, byte]) => [number, page(byte)] as const);
      const image = imageOf(icount, ...history);
      const encoded = put(snapshots!.encode(snapshot(icount, pages)));
      expect(collected(images!.encodeImage(image))).toEqual(encoded);
      expect((await readCheckpoint(encoded.snapshot, store)).pages).toEqual(new Map(pages));
      if (icount === 1) await resumed!.goOnFrom(encoded.snapshot, store);
      if (icount === 2) expect(collected(resumed!.encodeImage(image)).snapshot).toBe(encoded.snapshot);
    }
  });

  test('goes on behind a stored one as if it had been encoded here', async () => {
    const { store, put } = blobStore();
    const writer = new CheckpointWriter(hash);
    const first = put(
      writer.encode(
        snapshot(1, [
          [3, page(1)],
          [8, page(2)],
        ]),
      ),
    );
    const next = snapshot(2, [
      [3, page(1)],
      [8, page(3)],
    ]);
    const resumed = new CheckpointWriter(hash);
    await resumed.goOnFrom(first.snapshot, store);
    expect(resumed.encode(next).snapshot).toBe(writer.encode(next).snapshot);
  });

  test('is the same behind a stored one when pages went and came back', async () => {
    const { store, put } = blobStore();
    const encode = (writer: CheckpointWriter, image: MachineImage): EncodedCheckpoint =>
      put(collected(writer.encodeImage(image)));
    const writer = new CheckpointWriter(hash);
    encode(writer, imageOf(1, [3, 1]));
    const without = encode(writer, imageOf(2, [8, 2]));
    const resumed = new CheckpointWriter(hash);
    await resumed.goOnFrom(without.snapshot, store);
    const again = encode(writer, imageOf(3, [3, 1], [8, 2]));
    expect(encode(resumed, imageOf(3, [3, 1], [8, 2]))).toEqual(again);
    expect(await readCheckpoint(again.snapshot, store)).toEqual(
      snapshot(3, [
        [3, page(1)],
        [8, page(2)],
      ]),
    );
    expect(await checkpointBlobs(without.snapshot, store)).toHaveLength(2);
  });

  describe('of an image that says what was not touched', () => {
    const first = imageOf(1, [3, 1], [8, 2]);
    /** Says that page 3 was not touched, though it holds another byte: so one sees whether it was looked at. */
    const next = {
      ...imageOf(2, [3, 9], [8, 7]),
      before: first.id,
      isUntouched: (page: number) => page === 3,
    };

    test('takes those pages from the checkpoint of the image before', async () => {
      const { store, put } = blobStore();
      const writer = new CheckpointWriter(hash);
      put(collected(writer.encodeImage(first)));
      const { snapshot } = put(collected(writer.encodeImage(next)));
      const { pages } = await readCheckpoint(snapshot, store);
      expect([...pages].map(([number, content]) => [number, content[0]])).toEqual([
        [3, 1],
        [8, 7],
      ]);
    });

    test.each([
      ['no checkpoint', () => undefined],
      [
        'one of another image',
        (writer: CheckpointWriter) => collected(writer.encodeImage(imageOf(1, [3, 1]))),
      ],
      [
        'one of a snapshot in between',
        (writer: CheckpointWriter) => [
          collected(writer.encodeImage(first)),
          writer.encode(snapshot(1, [[3, page(1)]])),
        ],
      ],
    ])('looks at all pages behind %s', async (_, before) => {
      const { store, put } = blobStore();
      const writer = new CheckpointWriter(hash);
      before(writer);
      const { snapshot } = put(collected(writer.encodeImage(next)));
      const { pages } = await readCheckpoint(snapshot, store);
      expect(pages.get(3)?.[0]).toBe(9);
    });
  });
});

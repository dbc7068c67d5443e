import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SegmentBlobStore, type SegmentBlobStoreOptions } from './segment-blob-store.ts';
import { decodeHead, fileMagic, headLength } from './segment-format.ts';
import { sha256 } from './sha256.ts';

describe('segment files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isochron-segments-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = (options: Partial<SegmentBlobStoreOptions> = {}) =>
    SegmentBlobStore.open(directory, { alone: true, exclusively: (_, work) => work(), ...options });
  const segments = async (): Promise<string[]> =>
    (await readdir(directory)).sort().map((name) => join(directory, name));
  const change = async (path: string, at: number): Promise<void> => {
    const bytes = await readFile(path);
    bytes[at]! ^= 0x10;
    await writeFile(path, bytes);
  };
  /** Three records of one incompressible blob each; gives their digests and where each begins. */
  const three = async () => {
    const { store } = await open();
    const digests = [];
    for (let index = 0; index < 3; index++) digests.push(await store.put(randomBytes(1000)));
    await store.close();
    const [path] = await segments();
    const size = headLength(1) + 1000;
    return { digests, path: path!, starts: [0, 1, 2].map((index) => fileMagic.length + index * size) };
  };
  const readable = async (digests: Awaited<ReturnType<typeof three>>['digests'], contents?: boolean) => {
    const { store, damage } = await open(contents === undefined ? {} : { contents });
    const outcomes: string[] = [];
    for (const digest of digests) {
      outcomes.push(
        await store.get(digest).then(
          () => 'read',
          (error: unknown) => (error as { code: string }).code,
        ),
      );
    }
    await store.close();
    return { damage, outcomes };
  };

  test.each([undefined, false])(
    'a damaged payload loses its blobs, which are named, and no others',
    async (contents) => {
      const { digests, path, starts } = await three();
      await change(path, starts[1]! + headLength(1) + 5);
      const { damage, outcomes } = await readable(digests, contents);
      expect(outcomes).toEqual(['read', 'blob-damaged', 'read']);
      // Without a look at the contents it is found when it is read.
      expect(damage).toHaveLength(contents === false ? 0 : 1);
      if (contents !== false) expect(damage[0]!.lost).toBe(`1 blobs: ${digests[1]!}`);
    },
  );

  test.each([0, 5, 9, 13, 17, 21, 30, 57])('a head damaged at byte %i hides no other record', async (at) => {
    const { digests, path, starts } = await three();
    await change(path, starts[1]! + at);
    const { damage, outcomes } = await readable(digests);
    expect(outcomes).toEqual(['read', 'blob-missing', 'read']);
    expect(damage).toMatchObject([{ what: 'these bytes are no record' }]);
  });

  test('a torn last record is cut off once, when nobody else has the store open', async () => {
    const { digests, path, starts } = await three();
    await truncate(path, starts[2]! + 300);
    const others = await open({ alone: false });
    expect(others.damage).toEqual([]);
    await others.store.close();
    const { damage, outcomes } = await readable(digests);
    expect(outcomes).toEqual(['read', 'read', 'blob-missing']);
    expect(damage).toMatchObject([{ what: expect.stringContaining('incomplete') }]);
    expect((await readFile(path)).length).toBe(starts[2]);
    expect((await readable(digests)).damage).toEqual([]);
  });

  test('a blob that became unreadable is written again when it is put again', async () => {
    const { store } = await open();
    const content = randomBytes(500);
    const digest = await store.put(content);
    await store.close();
    const [path] = await segments();
    await change(path!, fileMagic.length + headLength(1) + 3);
    const again = await open({ contents: false });
    expect(await again.store.put(content)).toBe(digest);
    expect(Buffer.compare(await again.store.get(digest), content)).toBe(0);
    await again.store.close();
    const { damage, outcomes } = await readable([digest]);
    expect(outcomes).toEqual(['read']);
    expect(damage).toMatchObject([{ lost: 'nothing: each blob is stored elsewhere too' }]);
  });

  test('a segment that is full is left for a new one; equal blobs are stored once', async () => {
    const { store } = await open({ segmentLimit: 10_000 });
    const contents = Array.from({ length: 10 }, () => randomBytes(4000));
    for (const content of [...contents, ...contents]) await store.put(content);
    await store.close();
    const files = await segments();
    expect(files).toHaveLength(4);
    let total = 0;
    for (const file of files) total += (await readFile(file)).length;
    expect(total).toBeLessThan(10 * 4100 + 100);
    expect((await readable(contents.map(sha256))).outcomes).toEqual(contents.map(() => 'read'));
  });

  test.each([
    [
      'samples of which become smaller',
      'zstd',
      (half: number) => Buffer.concat([Buffer.alloc(half, 'page'), randomBytes(half)]),
    ],
    ['samples of which do not', 'raw', (half: number) => randomBytes(2 * half)],
  ] as const)('a large blob, %s, is written as %s', async (_, codec, make) => {
    const { store } = await open();
    const content = make(1 << 19);
    const digest = await store.put(content);
    expect(Buffer.compare(await store.get(digest), content)).toBe(0);
    await store.close();
    const [path] = await segments();
    const head = (await readFile(path!)).subarray(fileMagic.length, fileMagic.length + headLength(1));
    expect(decodeHead(head)?.codec).toBe(codec);
  });

  test('callers that put without waiting are made to wait, and all is stored', async () => {
    const { store } = await open();
    const contents = Array.from({ length: 80 }, () => randomBytes(1 << 20));
    const digests = await Promise.all(contents.map((content) => store.put(content)));
    for (const [index, digest] of digests.entries()) {
      expect(Buffer.compare(await store.get(digest), contents[index]!)).toBe(0);
    }
    await store.close();
  });

  test('a directory that cannot be one is named', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const nowhere = SegmentBlobStore.open(join(file, 'below'), {
      alone: true,
      exclusively: (_, work) => work(),
    });
    await expect(nowhere).rejects.toMatchObject({ code: 'store-unreadable' });
  });
});

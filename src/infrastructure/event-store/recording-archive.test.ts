import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { Stores } from '../../application/ports/recording-archive.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import { MemoryBlobStore } from '../blob-store/memory-blob-store.ts';
import { fileHeader, kinds, recordHeader, type Kind } from './archive-format.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { FileRecordingArchive } from './recording-archive.ts';

const archive = new FileRecordingArchive();
const newStores = (): Stores => ({ events: new MemoryEventStore(), blobs: new MemoryBlobStore() });

/** An archive made by hand: correct checksums around whatever is given. */
const forged = (...records: readonly (readonly [Kind | 99, Uint8Array | object])[]): Buffer => {
  const parts: Uint8Array[] = [fileHeader()];
  const counts = [0, 0, 0];
  for (const [kind, content] of records) {
    const payload = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    parts.push(recordHeader(kind as Kind, payload), payload);
    const counted = [kinds.blob, kinds.stream, kinds.event].indexOf(kind as 1);
    if (counted >= 0) counts[counted]!++;
  }
  const end = Buffer.alloc(44);
  counts.forEach((count, index) => end.writeUInt32LE(count, index * 4));
  createHash('sha256').update(Buffer.concat(parts)).digest().copy(end, 12);
  return Buffer.concat([...parts, recordHeader(kinds.end, end), end]);
};

const blobHead = (digest: string, length: number): Buffer => {
  const head = Buffer.alloc(36);
  head.write(digest, 'hex');
  head.writeUInt32LE(length, 32);
  return head;
};

const oneEvent = { id: 'a', type: 'T', version: 1, data: 1 };

describe('an archive', () => {
  let directory: string;
  let path: string;
  let stores: Stores;
  let digests: readonly Digest[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isochron-archive-'));
    path = join(directory, 'recording.isochron');
    stores = newStores();
    const contents = [
      randomBytes(10),
      new Uint8Array(0),
      randomBytes(3 << 20),
      Buffer.alloc(5 << 20, 'page'),
    ];
    digests = await stores.blobs.putMany(contents);
    for (const stream of ['machine-1', 'address-space-ü']) {
      const events = Array.from({ length: 700 }, (_, index) => ({
        id: randomUUID(),
        type: 'T',
        version: 2,
        data: { stream, index },
      }));
      await stores.events.append(stream, 'none', events);
    }
  });
  afterEach(() => rm(directory, { recursive: true }));

  const write = () =>
    archive.write(path, { streams: ['machine-1', 'address-space-ü'], blobs: digests }, stores);
  const contentsOf = async ({ events }: Stores, stream: string) => {
    const all = [];
    for await (const { id, type, version, data } of events.read(stream))
      all.push({ id, type, version, data });
    return all;
  };

  test('brings streams and blobs into another store as they were', async () => {
    const summary = await write();
    expect(summary).toMatchObject({
      blobs: 4,
      streams: [{ name: 'machine-1', events: 700 }, { name: 'address-space-ü' }],
    });
    expect((await readFile(path)).length).toBe(summary.bytes);
    expect(await archive.verify(path)).toEqual(summary);
    const other = newStores();
    await archive.read(path, other, (name) => `${name}-copy`);
    expect(await other.events.streams()).toEqual(['address-space-ü-copy', 'machine-1-copy']);
    expect(await contentsOf(other, 'machine-1-copy')).toEqual(await contentsOf(stores, 'machine-1'));
    for (const digest of digests) {
      expect(Buffer.compare(await other.blobs.get(digest), await stores.blobs.get(digest))).toBe(0);
    }
    expect(await readdir(directory)).toEqual(['recording.isochron']);
  });

  test('is not written over another file, and leaves nothing behind when it fails', async () => {
    await writeFile(path, 'mine');
    await expect(write()).rejects.toMatchObject({ code: 'archive-exists' });
    expect(await readFile(path, 'utf8')).toBe('mine');
    const absent = archive.write(join(directory, 'other'), { streams: ['absent'], blobs: [] }, stores);
    await expect(absent).rejects.toMatchObject({ code: 'archive-unreadable' });
    const nowhere = archive.write(
      join(directory, 'no', 'such'),
      { streams: ['machine-1'], blobs: [] },
      stores,
    );
    await expect(nowhere).rejects.toMatchObject({ code: 'archive-unreadable' });
    expect(await readdir(directory)).toEqual(['recording.isochron']);
  });

  test('may be taken in twice, but not over other events', async () => {
    await write();
    await archive.read(path, stores);
    expect(await contentsOf(stores, 'machine-1')).toHaveLength(700);
    const other = newStores();
    await other.events.append('address-space-ü', 'none', [oneEvent]);
    await expect(archive.read(path, other)).rejects.toMatchObject({ code: 'archive-conflict' });
    expect(await other.events.streams()).toEqual(['address-space-ü']);
    expect(await contentsOf(other, 'address-space-ü')).toHaveLength(1);
    await expect(archive.read(path, other, () => 'one')).rejects.toMatchObject({ code: 'archive-conflict' });
  });

  test('that was changed or cut anywhere is refused, and nothing of it is taken in', async () => {
    await write();
    const whole = await readFile(path);
    const seed = randomBytes(4).readUInt32LE();
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 120; round++) {
      const broken = Buffer.from(round % 3 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      const at = round < 60 ? random(Math.min(400, broken.length)) : random(broken.length);
      if (round % 3 !== 0) broken[at]! ^= 1 << random(8);
      const file = join(directory, 'broken');
      await writeFile(file, broken);
      const other = newStores();
      const outcome = archive.read(file, other).then(
        () => 'was taken in',
        (error: unknown) => (error as { code: string }).code,
      );
      const label = `seed ${String(seed)}, round ${String(round)}, byte ${String(at)}`;
      expect([label, await outcome]).toEqual([
        label,
        expect.stringMatching(/^archive-(damaged|unsupported)$/),
      ]);
      expect(await other.events.streams()).toEqual([]);
    }
  });

  const zeros = zstdCompressSync(Buffer.alloc(64 << 20));
  const tooLong = Buffer.concat([fileHeader(), Buffer.from([1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0])]);
  test.each([
    ['is empty', Buffer.alloc(0), /not a recording archive/],
    ['is something else', Buffer.from('\x7fELF and what follows it'), /not a recording archive/],
    ['announces a record of 4 GiB', tooLong, /longer than any may be/],
    [
      'names a stream like a path',
      forged([kinds.stream, { name: '../../etc', events: 1 }], [kinds.event, oneEvent]),
      /looks like a path/,
    ],
    [
      'names a stream with a control character',
      forged([kinds.stream, { name: 'a\u0000b', events: 1 }]),
      /control character/,
    ],
    [
      'announces more events than it has',
      forged([kinds.stream, { name: 's', events: 2 }], [kinds.event, oneEvent]),
      /fewer events/,
    ],
    ['has an event of no stream', forged([kinds.event, oneEvent]), /belongs to no stream/],
    [
      'has a stream twice',
      forged(
        ...[0, 1].flatMap(
          () =>
            [
              [kinds.stream, { name: 's', events: 1 }],
              [kinds.event, oneEvent],
            ] as const,
        ),
      ),
      /occurs twice/,
    ],
    [
      'has an event without data',
      forged([kinds.stream, { name: 's', events: 1 }], [kinds.event, { id: 'a', type: 'T', version: 1 }]),
      /lacks its id/,
    ],
    ['has no JSON where JSON belongs', forged([kinds.stream, Buffer.from('{"name')]), /not JSON/],
    [
      'nests too deeply',
      forged(
        [kinds.stream, { name: 's', events: 1 }],
        [
          kinds.event,
          Buffer.from(
            `{"id":"a","type":"T","version":1,"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
          ),
        ],
      ),
      /nested too deeply|not JSON/,
    ],
    [
      'announces a blob of 4 GiB',
      forged([kinds.blob, blobHead('00'.repeat(32), 0xffff_ffff)]),
      /longer than/,
    ],
    [
      'unpacks to more than announced',
      forged(
        [kinds.blob, blobHead('00'.repeat(32), 1000)],
        [kinds.chunk, Buffer.concat([Uint8Array.of(1), zeros])],
      ),
      /cannot be unpacked/,
    ],
    [
      'has other bytes than its digest says',
      forged([kinds.blob, blobHead('00'.repeat(32), 1)], [kinds.chunk, Uint8Array.of(0, 7)]),
      /another digest/,
    ],
    ['has a record nobody knows', forged([99, Uint8Array.of(1)]), /kind 99 is not known/],
    ['goes on after its end', Buffer.concat([forged(), Uint8Array.of(0)]), /after the end/],
  ] as const)('that %s is refused clearly', async (_, bytes, message) => {
    await writeFile(path, bytes);
    await expect(archive.read(path, stores)).rejects.toThrow(message);
  });

  test('that is not there is named', async () => {
    await expect(archive.verify(path)).rejects.toMatchObject({
      code: 'archive-unreadable',
      context: { file: path },
    });
  });
});

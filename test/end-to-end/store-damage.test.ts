import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../../src/domain/shared/event.ts';
import type { Digest } from '../../src/domain/shared/digest.ts';
import type { Damage } from '../../src/application/ports/store-fault.ts';
import { openRecordingStore } from '../../src/infrastructure/event-store/open-recording-store.ts';

/**
 * Damages a store in all its files, and holds it to its promise: whatever it gives back is what was put in, and what it
 * cannot give back it names, when it is opened or when that is asked for.
 */

const streams = ['machine-1', 'machine-2', 'translation-block-ä'];
let directory: string;
let sound: string;
let digests: readonly Digest[];
const expected = new Map<string, Json[]>();

/** A store at rest (`wal` false), or as a killed process leaves it (its write-ahead log not yet worked in). */
const makeStore = async (path: string): Promise<void> => {
  const store = await openRecordingStore(path);
  const contents = Array.from({ length: 60 }, (_, index) =>
    index % 2 === 0 ? randomBytes(2000) : new Uint8Array(4096).fill(index),
  );
  digests = [...(await store.blobs.putMany(contents)), await store.blobs.put(randomBytes(100_000))];
  for (const stream of streams) {
    const all: Json[] = Array.from({ length: 120 }, (_, index) => ({
      stream,
      index,
      text: 'text '.repeat(index % 40),
    }));
    for (let at = 0; at < all.length; at += 10) {
      const events = all
        .slice(at, at + 10)
        .map((data, offset) => ({ id: `${stream} ${String(at + offset)}`, type: 'T', version: 1, data }));
      await store.events.append(stream, at === 0 ? 'none' : at - 1, events);
    }
    expected.set(stream, all);
  }
  // What lies in the files now is what a SIGKILL would leave.
  await cp(path, `${path}-killed`, { recursive: true });
  await store.close();
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'isochron-damage-'));
  sound = join(directory, 'sound');
  await makeStore(sound);
});
afterAll(() => rm(directory, { recursive: true }));

interface Outcome {
  readonly damage: readonly Damage[];
  readonly fault: string | undefined;
  readonly lostEvents: number;
  readonly faults: readonly string[];
}

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !/^(store|blob)-/.test(code)) throw error;
  return code;
};

/** Opens and reads everything; throws where something was given back that is not what was put in. */
const examine = async (path: string): Promise<Outcome> => {
  let store: Awaited<ReturnType<typeof openRecordingStore>>;
  try {
    store = await openRecordingStore(path, { busyTimeout: 100 });
  } catch (error) {
    return { damage: [], fault: codeOf(error), lostEvents: 0, faults: [] };
  }
  const faults: string[] = [];
  let lostEvents = 0;
  try {
    for (const stream of streams) {
      const all = expected.get(stream)!;
      let count = 0;
      try {
        for await (const { data, revision } of store.events.read(stream)) {
          expect(revision).toBe(count);
          expect(JSON.stringify(data)).toBe(JSON.stringify(all[count]));
          count++;
        }
      } catch (error) {
        faults.push(codeOf(error));
      }
      lostEvents += all.length - count;
    }
    for (const digest of digests) {
      // The bytes are compared with the digest by whoever reads; here the comparison is made anew.
      await store.blobs.get(digest).catch((error: unknown) => faults.push(codeOf(error)));
    }
    return { damage: store.damage, fault: undefined, lostEvents, faults };
  } finally {
    await store.close();
  }
};

const filesOf = async (path: string): Promise<string[]> => [
  ...(await readdir(path)).filter((name) => /^events\.sqlite(-wal)?$/.test(name)),
  ...(await readdir(join(path, 'segments'))).map((name) => join('segments', name)),
];

test.each(['', '-killed'])('a sound store%s opens without a word and gives everything back', async (kind) => {
  const copy = join(directory, 'copy');
  await cp(sound + kind, copy, { recursive: true });
  expect(await examine(copy)).toEqual({ damage: [], fault: undefined, lostEvents: 0, faults: [] });
  await rm(copy, { recursive: true });
});

const rounds = Number(process.env['ISOCHRON_STORE_DAMAGES'] ?? 60);
const seed = Number(process.env['ISOCHRON_SEED'] ?? Date.now() % 1_000_000);

test(
  `${String(rounds)} damaged stores give back nothing wrong and name what is lost (seed ${String(seed)})`,
  async () => {
    let state = seed >>> 0;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const copy = join(directory, 'copy');
    let noticed = 0;
    for (let round = 0; round < rounds; round++) {
      await cp(random(2) === 0 ? sound : `${sound}-killed`, copy, { recursive: true });
      const files = await filesOf(copy);
      const file = join(copy, files[random(files.length)]!);
      const bytes = await readFile(file);
      let what = 'cut';
      if (random(4) === 0) {
        await writeFile(file, bytes.subarray(0, random(bytes.length)));
      } else {
        const span = [1, 1, 16, 4096][random(4)]!;
        const at = random(Math.max(1, bytes.length - span));
        for (let index = at; index < Math.min(at + span, bytes.length); index++)
          bytes[index]! ^= 1 + random(255);
        what = `${String(span)} bytes at ${String(at)}`;
        await writeFile(file, bytes);
      }
      const label = `seed ${String(seed)}, round ${String(round)}: ${file.slice(copy.length)} ${what}`;
      let outcome: Outcome;
      try {
        outcome = await examine(copy);
      } catch (error) {
        throw new Error(`${label}: ${String((error as { message: unknown }).message)}`, { cause: error });
      }
      const told = outcome.damage.length > 0 || outcome.fault !== undefined || outcome.faults.length > 0;
      if (told) noticed++;
      // A log that was cut short cannot be told from one that was never longer: only what was not worked in is gone.
      const cutLog = file.endsWith('-wal') && what === 'cut';
      if (outcome.lostEvents > 0 && !told && !cutLog)
        throw new Error(`${label}: events were lost without a word`);
      await rm(copy, { recursive: true });
    }
    expect(noticed).toBeGreaterThan(rounds / 4);
  },
  Math.max(120_000, rounds * 2000),
);

test('a damaged event file is kept, and the events before the damage are taken over', async () => {
  const copy = join(directory, 'copy');
  await cp(sound, copy, { recursive: true });
  const database = new DatabaseSync(join(copy, 'events.sqlite'));
  database.exec("UPDATE events SET data = '{}' WHERE id = 'machine-2 40'");
  database.close();
  const { damage, fault, lostEvents, faults } = await examine(copy);
  expect({ fault, lostEvents, faults }).toEqual({ fault: undefined, lostEvents: 80, faults: [] });
  expect(damage).toHaveLength(1);
  expect(damage[0]!.what).toContain('revision 40 of machine-2 has a wrong checksum');
  expect(damage[0]!.lost).toBe('revisions 40 to 119 of machine-2');
  expect(await readdir(copy)).toContain('events.sqlite.damaged-1');
  expect(await examine(copy)).toMatchObject({ damage: [], lostEvents: 80 });
  await rm(copy, { recursive: true });
});

test('a damaged store that somebody uses is left alone, with a clear fault', async () => {
  const copy = join(directory, 'copy');
  await cp(sound, copy, { recursive: true });
  const user = await openRecordingStore(copy);
  const database = new DatabaseSync(join(copy, 'events.sqlite'));
  database.exec("UPDATE events SET data = '{}' WHERE id = 'machine-2 40'");
  await expect(openRecordingStore(copy)).rejects.toMatchObject({
    code: 'store-damaged',
    message: expect.stringContaining('another process is using it'),
  });
  database.close();
  await user.close();
  await rm(copy, { recursive: true });
});

test('a file that is not ours is refused and left as it is', async () => {
  const copy = join(directory, 'copy');
  await cp(sound, copy, { recursive: true });
  await rm(join(copy, 'events.sqlite'));
  const foreign = new DatabaseSync(join(copy, 'events.sqlite'));
  foreign.exec('CREATE TABLE t (x)');
  foreign.close();
  await expect(openRecordingStore(copy)).rejects.toThrow(/not an Isochron event store/);
  await rm(join(copy, 'events.sqlite'));
  const { damage } = await openRecordingStore(copy).then(async (store) => {
    await store.close();
    return store;
  });
  expect(damage).toEqual([expect.objectContaining({ lost: 'every event' })]);
  await rm(copy, { recursive: true });
});

test('a directory that cannot be one is named', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  await expect(openRecordingStore(join(file, 'below'))).rejects.toMatchObject({ code: 'store-unreadable' });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { effectsLog, effectsStream } from '../../src/application/effects/effects-log.ts';
import { openIsochron } from '../../src/composition-root.ts';
import { InProcessServer } from '../eventstoredb/in-process-server.ts';
import { killWorkers } from './killed-workers.ts';

/** `npm run kill-workers` is the long form. */
describe('workers', () => {
  let folder: string;
  let server: InProcessServer;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isochron-workers-'));
    server = await InProcessServer.start();
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test.each(['a directory', 'a server'])(
    'that are killed lose no shard and count none twice, on %s',
    async (where) => {
      const seed = BigInt(process.env['ISOCHRON_SEED'] ?? Date.now());
      const shards = 24;
      const found = await killWorkers({
        store: { directory: folder, server: where === 'a server' ? server.url : undefined },
        ...{ workers: 2, kills: 3, shards, casesPerShard: 200, longestLife: 100, seed },
      });
      console.log(`seed ${seed}`);
      expect(found).toEqual({
        kills: 3,
        results: Array.from({ length: shards }, () => 1),
        same: true,
        parked: 0,
      });
    },
    300_000,
  );

  test('replay recordings, and say which is damaged', async () => {
    const isochron = await openIsochron({ directory: folder });
    const program = await readFile(new URL('../guests/bin/hello', import.meta.url));
    for (const record of ['one', 'two']) await isochron.run({ program, programPath: '/bin/hello', record });
    await isochron.stores.events.append('machine-two', 'any', [
      { id: 'odd', type: 'MachineMelted', version: 1, data: {} },
    ]);
    const campaign = isochron.replayCampaign({ campaign: 'all' });
    const work = await isochron.work({ signal: new AbortController().signal, idle: 1500 });
    expect(work).toEqual({ recorded: 2, known: 0, failed: 0, unparked: 0 });
    expect(await campaign).toMatchObject({
      recordings: 2,
      parked: [],
      replayed: [
        { recording: 'one', outcome: 'agrees', summary: '' },
        { recording: 'two', outcome: 'damaged', summary: expect.stringContaining('MachineMelted') },
      ],
    });
    await isochron.close();
  });

  test('index ranges of a recording, once each, and again what was lost', async () => {
    const isochron = await openIsochron({ directory: folder });
    const program = await readFile(new URL('../guests/bin/hello', import.meta.url));
    for (const record of ['by-workers', 'alone'])
      await isochron.run({ program, programPath: '/bin/hello', record });
    const chunksOf = async (recording: string) => {
      const state = await effectsLog(recording, isochron.stores.events, () => '').refresh();
      return state.status === 'absent' ? [] : [...state.chunks.values()].sort((a, b) => a.chunk - b.chunk);
    };
    const asked = { recording: 'by-workers', sliceLength: 10 };
    const byWorkers = async () => {
      const waiting = isochron.distributeIndex(asked);
      const shards: number[] = [];
      const done = await isochron.work({
        signal: new AbortController().signal,
        idle: 1500,
        onShard: ({ offer }) => void shards.push(offer.shard),
      });
      return { parked: await waiting, shards, done };
    };
    expect(await byWorkers()).toMatchObject({
      parked: [],
      shards: [0, 1, 2],
      done: { recorded: 3, known: 0, failed: 0 },
    });
    await isochron.index({ recording: 'alone', sliceLength: 10 });
    const contents = (await chunksOf('alone')).map(({ content }) => content);
    expect((await chunksOf('by-workers')).map(({ content }) => content)).toEqual(contents);
    expect(await isochron.distributeIndex(asked)).toEqual([]);
    const [lost] = (await chunksOf('by-workers')).slice(20);
    await isochron.stores.events.append(effectsStream('by-workers'), 'any', [
      { id: 'lost', type: 'ChunkLost', version: 1, data: { chunk: 20, content: lost!.content, reason: '' } },
    ]);
    expect(await byWorkers()).toMatchObject({ parked: [], shards: [1], done: { recorded: 1 } });
    expect(await chunksOf('by-workers')).toHaveLength(contents.length);
    await isochron.close();
  });

  test('give a shard up that none can do, and take it again when asked', async () => {
    const isochron = await openIsochron({ directory: folder });
    const { signal } = new AbortController();
    await isochron.stores.events.append('work', 'any', [
      {
        id: 'x',
        type: 'ShardOffered',
        version: 1,
        data: { kind: 'verification', campaign: 'absent', shard: 0 },
      },
    ]);
    const reasons: (string | undefined)[] = [];
    const first = await isochron.work({
      signal,
      idle: 500,
      onShard: ({ reason }) => void reasons.push(reason),
    });
    expect(first).toMatchObject({ recorded: 0, failed: 11 });
    expect(new Set(reasons)).toEqual(new Set(['there is no campaign named absent']));
    const campaign = isochron.verification.verify({
      subjects: ['andn'],
      cases: 5,
      campaign: 'absent',
      distribute: true,
    });
    expect(await isochron.work({ signal, idle: 1000, unpark: true })).toMatchObject({
      unparked: 1,
      failed: 0,
    });
    expect((await campaign).state.status).toBe('completed');
    await isochron.close();
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { effectsLog } from '../../src/application/effects/effects-log.ts';
import { type Isochron, openIsochron } from '../../src/library.ts';
import { writeGuest } from './assembled-guest.ts';
import { guest, isochron as cli } from './recording-terminal.ts';

/** An index that is made while its recording is, and one that is made afterwards, are the same; the recording knows of neither. */

/** Writes its stack in rounds, and asks for the time in each. */
const busy = `
        li s0, 400
        addi s1, sp, -2047
round:  li t0, 100
        mv t1, s1
inner:  sd t0, 0(t1)
        addi t1, t1, 8
        addi t0, t0, -1
        bnez t0, inner
        li a0, 1
        mv a1, s1
        li a7, 113
        ecall
        addi s0, s0, -1
        bnez s0, round
        li a0, 0
        li a7, 93
        ecall
`;
const sliceLength = 100;

describe('an index made live', () => {
  let folder = '';
  let program = new Uint8Array();
  let isochron: Isochron;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isochron-live-'));
    program = readFileSync(writeGuest(join(folder, 'guest'), busy));
    isochron = await openIsochron({ digestInterval: 5000, checkpointInterval: 50_000 });
  });
  afterAll(async () => {
    await isochron.close();
    rmSync(folder, { recursive: true });
  });

  const record = (name: string) => isochron.run({ program, programPath: '/bin/busy', record: name });
  const chunksOf = async (recording: string) => {
    const state = await effectsLog(recording, isochron.stores.events, () => '').refresh();
    if (state.status === 'absent') throw new Error(`${recording} has no index`);
    return [...state.chunks.values()].sort((a, b) => a.chunk - b.chunk);
  };
  const contents = async (recording: string) =>
    (await chunksOf(recording)).map(({ chunk, until, content }) => ({ chunk, until, content }));
  const events = async (recording: string) => {
    const found: unknown[] = [];
    for await (const { type, data } of isochron.stores.events.read(`machine-${recording}`))
      found.push({ type, data });
    return found;
  };

  test('has the same chunks as one made afterwards, and leaves the recording as it is', async () => {
    await record('plain');
    const afterwards = await isochron.index({ recording: 'plain', sliceLength });
    const reached: number[] = [];
    const following = isochron.followIndex({
      recording: 'live',
      sliceLength,
      onProgress: ({ icount }) => reached.push(icount),
    });
    const { chain } = await record('live');
    const live = await following;
    expect(live).toMatchObject({ indexed: afterwards.icount, chunks: afterwards.chunks, damage: [] });
    expect(reached.length).toBeGreaterThan(live.chunks);
    expect(await contents('live')).toEqual(await contents('plain'));
    expect(await events('live')).toEqual(await events('plain'));
    expect((await isochron.replay({ recording: 'live' })).chain).toBe(chain);
  });

  test('is taken up where nobody recorded any more, or where it was interrupted', async () => {
    for (const cause of ['abandoned', 'signal'] as const) {
      const recording = `left-${cause}`;
      await isochron.run({ program, programPath: '/bin/busy', record: recording, maxInstructions: 20_000 });
      const stop = new AbortController();
      const first = await isochron.followIndex({
        recording,
        sliceLength,
        [cause]: stop.signal,
        onProgress: ({ icount }) => {
          if (icount > 4000) stop.abort();
        },
      });
      expect(first.indexed).toBe(cause === 'abandoned' ? 20_000 : 3200);
      const second = await isochron.index({ recording });
      expect(second).toMatchObject({ indexed: 20_000, made: cause === 'abandoned' ? 0 : 11 });
    }
  });

  test('is made by another process for `run --index`', async () => {
    const store = join(folder, 'store');
    const run = await cli({ store }, 'run', '--record', 'tally', '--index', guest('tally'));
    expect(run.stderr).toBe('');
    const { stdout } = await cli({ store }, 'index', 'tally', '--json');
    const { indexed, icount, made } = JSON.parse(stdout) as Record<string, number>;
    expect({ indexed, made }).toEqual({ indexed: icount, made: 0 });
    const without = await cli({ store }, 'run', '--index', guest('tally'));
    expect(without).toMatchObject({ status: 2, stderr: expect.stringMatching(/--index needs --record/) });
  });
});

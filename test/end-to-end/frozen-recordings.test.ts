import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoredEvent } from '../../src/application/ports/event-store.ts';
import { CampaignLog } from '../../src/application/verification/campaign-log.ts';
import type { Isochron } from '../../src/application/isochron.ts';
import { openIsochron } from '../../src/composition-root.ts';
import { readConsumerGroupEvent } from '../../src/domain/consumer-group/read-event.ts';
import { replayCampaign } from '../../src/domain/replay-campaign/replay-campaign.ts';
import { readReplayCampaignEvent } from '../../src/domain/replay-campaign/read-event.ts';
import { fold } from '../../src/domain/shared/decider.ts';
import { readShardWorkEvent } from '../../src/domain/shard-work/read-event.ts';
import type { MachineEventType } from '../../src/domain/virtual-machine/events.ts';
import { MemoryBlobStore } from '../../src/infrastructure/blob-store/memory-blob-store.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { FileRecordingArchive } from '../../src/infrastructure/event-store/recording-archive.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { gather } from '../contract/event-store.ts';

/**
 * Recordings that earlier versions made (`npm run freeze-recordings` makes a set) replay for ever, and a recording that was
 * damaged in any byte is known for it.
 */

const fixtures = fileURLToPath(new URL('../fixtures/recordings', import.meta.url));
const sets = readdirSync(fixtures);

interface Outcome {
  readonly icount: number;
  readonly end: object;
  readonly chain: string;
  readonly output: string;
  readonly eventsByType: Readonly<Record<string, number>>;
}
interface Expected extends Outcome {
  readonly branches?: Readonly<Record<string, Outcome>>;
}
interface ExpectedSet {
  readonly recordings: Readonly<Record<string, Expected>>;
  readonly campaign: { readonly status: string; readonly cases: number; readonly shards: number };
}

const expectedIn = (set: string): ExpectedSet =>
  JSON.parse(readFileSync(join(fixtures, set, 'expected.json'), 'utf8')) as ExpectedSet;

const recordings = sets.flatMap((set) =>
  Object.entries(expectedIn(set).recordings).map(
    ([name, expected]) => [`${set}/${name}`, join(fixtures, set, `${name}.isochron`), expected] as const,
  ),
);

/** What the reference engine replays in reasonable time. */
const few = 10_000;

describe('a frozen recording', () => {
  test.each(recordings)('%s replays as it was recorded', async (_, file, expected) => {
    const isochron = await openIsochron();
    const recording = await isochron.importFrom(file);
    const histories = [[recording, expected] as const].concat(
      Object.entries(expected.branches ?? {}).map(([branch, outcome]) => [`${recording}/${branch}`, outcome]),
    );
    for (const [history, outcome] of histories) await replaysAs(isochron, history, outcome);
    await isochron.close();
  });

  async function replaysAs(isochron: Isochron, recording: string, expected: Outcome): Promise<void> {
    for (const engine of isochron.engines) {
      if (engine === 'golden' && expected.icount > few) continue;
      const output = createHash('sha256');
      const replay = await isochron.replay({
        recording,
        engine,
        output: (__, bytes) => output.update(bytes),
      });
      const { icount, end, chain, divergence, complete } = replay;
      expect({ divergence, complete }).toEqual({ divergence: undefined, complete: true });
      expect({ icount, end, chain, output: output.digest('hex') }).toEqual({
        icount: expected.icount,
        end: expected.end,
        chain: expected.chain,
        output: expected.output,
      });
    }
    expect((await isochron.show(recording)).eventsByType).toEqual(expected.eventsByType);
  }

  const types: Readonly<Record<MachineEventType, true>> = {
    MachineCreated: true,
    MachineStarted: true,
    HostReplied: true,
    ExecutionAdvanced: true,
    CheckpointTaken: true,
    MachineExited: true,
    MachineStopped: true,
    MachineForked: true,
    RequestUnanswered: true,
  };
  test('of some set has each type of event', () => {
    const frozen = sets
      .flatMap((set) => Object.values(expectedIn(set).recordings))
      .flatMap(({ branches, ...outcome }) => [outcome, ...Object.values(branches ?? {})])
      .flatMap(({ eventsByType }) => Object.keys(eventsByType));
    expect(new Set(frozen)).toEqual(new Set(Object.keys(types)));
  });

  test.each(sets)('of set %s: campaigns and their work are read as well', async (set) => {
    const [events, blobs] = [new MemoryEventStore(), new MemoryBlobStore()];
    await new FileRecordingArchive().read(join(fixtures, set, 'campaigns.isochron'), { events, blobs });
    const { state } = await CampaignLog.resume('frozen', { events, newId: () => 'unused' });
    const found = { status: state.status, cases: state.cases, shards: state.verified.size };
    expect(found).toEqual(expectedIn(set).campaign);
    const all = async <T>(
      stream: string,
      read: (stored: StoredEvent) => { ok: true; value: T } | { ok: false },
    ) =>
      (await gather(events.read(stream))).map((stored) => {
        const event = read(stored);
        if (!event.ok) throw new Error(`${stream} ${stored.revision} cannot be read`);
        return event.value;
      });
    const replays = fold(replayCampaign, await all('replay-frozen', readReplayCampaignEvent));
    expect(replays).toMatchObject({ status: 'completed', verdict: 'agree' });
    expect(await all('work', readShardWorkEvent)).toHaveLength(4);
    expect(await all('group-workers-work', readConsumerGroupEvent)).not.toHaveLength(0);
  });
});

describe('a damaged recording', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isochron-frozen-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is known for it, whichever of its bytes is another: 1,000 positions', async () => {
    const seed = BigInt(process.env['ISOCHRON_SEED'] ?? Date.now());
    const random = new Random(seed);
    const archive = new FileRecordingArchive();
    const sound = await Promise.all(
      recordings.map(async ([, file]) => [file, await readFile(file)] as const),
    );
    for (let round = 0; round < 1000; round++) {
      const [name, bytes] = random.pick(sound);
      const at = random.below(bytes.length);
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 + random.below(255);
      const file = join(folder, basename(name));
      await writeFile(file, damaged);
      const said = await archive.verify(file).then(
        () => 'nothing',
        (error: unknown) => error as { code?: string; message?: string },
      );
      if (
        typeof said === 'string' ||
        !/^archive-/.test(said.code ?? '') ||
        said.message?.includes(file) !== true
      )
        throw new Error(`seed ${seed}: byte ${at} of ${name}: ${JSON.stringify(said)}`);
    }
  });

  test('is not taken in, and the command line says which file it is', async () => {
    const [, file] = recordings[0]!;
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    const damaged = join(folder, 'damaged.isochron');
    await writeFile(damaged, bytes);
    const isochron = await openIsochron();
    await expect(isochron.importFrom(damaged)).rejects.toMatchObject({
      code: 'archive-damaged',
      message: expect.stringContaining(damaged),
    });
    expect(await isochron.names()).toEqual([]);
    await isochron.close();
  });
});

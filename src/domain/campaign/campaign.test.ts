import { describe, expect, test } from '@jest/globals';
import { fold } from '../shared/decider.ts';
import { campaign, type CampaignCommand, type ShardResult, shardsLeft } from './campaign.ts';
import type { CampaignEvent, CampaignStartedData } from './events.ts';
import { readCampaignEvent } from './read-event.ts';

const setup: CampaignStartedData = {
  isa: 'riscv64',
  subjects: ['add'],
  instructions: ['add'],
  relation: 'engine',
  tested: ['wasm'],
  reference: 'golden',
  blockLength: 1,
  seed: '7',
  shards: 3,
  casesPerShard: 10,
};
const start: CampaignCommand = { type: 'StartCampaign', setup };
const clean: ShardResult = {
  cases: 10,
  knownDifferences: 1,
  counterexamples: [],
  coverage: { add: { zero: { completed: 10 } } },
};
const shard = (number: number, result: ShardResult = clean): CampaignCommand => ({
  type: 'VerifyShard',
  shard: number,
  ...result,
});
const refuted: ShardResult = {
  ...clean,
  counterexamples: [
    {
      instruction: 'add',
      tested: 'wasm',
      original: 'add a0, a1, a2',
      listing: ['add a0, a1, a2'],
      case: '[33 85 c5 00] "add a0, a1, a2" a1=1 => a0=1',
      differences: [{ field: 'register a0', expected: '0x1', found: '0x2' }],
    },
  ],
};
const complete: CampaignCommand = { type: 'CompleteCampaign' };

function given(...commands: CampaignCommand[]): CampaignEvent[] {
  const events: CampaignEvent[] = [];
  for (const command of commands) {
    const decided = campaign.decide(command, fold(campaign, events));
    if (!decided.ok) throw new Error(`${command.type} was refused: ${decided.error.reason}`);
    events.push(...decided.value);
  }
  return events;
}
const when = (command: CampaignCommand, events: readonly CampaignEvent[]) =>
  campaign.decide(command, fold(campaign, events));

describe('a campaign', () => {
  test('starts once, and before anything else', () => {
    expect(when(shard(0), [])).toEqual({ ok: false, error: { reason: 'not-started' } });
    expect(when(start, given(start))).toEqual({ ok: false, error: { reason: 'already-started' } });
  });

  test.each([
    [{ instructions: [] }, 'a campaign needs at least one instruction'],
    [{ tested: [] }, 'a campaign needs something to test'],
    [{ shards: 0 }, 'the number of shards must be a positive integer'],
    [{ casesPerShard: 1.5 }, 'the number of cases in a shard must be a positive integer'],
    [{ blockLength: 0 }, 'the length of a block must be a positive integer'],
  ])('refuses the setup %p', (part, what) => {
    expect(when({ type: 'StartCampaign', setup: { ...setup, ...part } }, [])).toEqual({
      ok: false,
      error: { reason: 'invalid-setup', what },
    });
  });

  test('verifies each of its shards once', () => {
    const events = given(start, shard(1));
    expect(when(shard(1), events)).toEqual({ ok: false, error: { reason: 'already-verified', shard: 1 } });
    expect(when(shard(3), events)).toEqual({ ok: false, error: { reason: 'no-such-shard', shard: 3 } });
  });

  test('appends counterexamples together with the end of their shard', () => {
    const decided = when(shard(2, refuted), given(start));
    expect(decided.ok && decided.value.map(({ type }) => type)).toEqual([
      'CounterexampleFound',
      'ShardVerified',
    ]);
  });

  test('completes when no shard is left, and nothing follows', () => {
    expect(when(complete, given(start, shard(0)))).toEqual({
      ok: false,
      error: { reason: 'shards-left', left: 2 },
    });
    const events = given(start, shard(2), shard(0), shard(1), complete);
    expect(events.at(-1)).toMatchObject({ data: { verdict: 'holds', cases: 30, counterexamples: 0 } });
    expect(when(shard(0), events)).toEqual({ ok: false, error: { reason: 'completed' } });
  });

  test('is refuted by one counterexample', () => {
    const events = given(start, shard(0), shard(1, refuted), shard(2), complete);
    expect(fold(campaign, events)).toMatchObject({
      status: 'completed',
      verdict: 'refuted',
      counterexamples: [{ shard: 1, instruction: 'add' }],
    });
  });

  test('adds up the same in whatever order its shards were verified', () => {
    const [forwards, backwards] = [
      [0, 1, 2],
      [2, 1, 0],
    ].map((order) => fold(campaign, given(start, ...order.map((number) => shard(number)), complete)));
    expect(forwards).toEqual(backwards);
    expect(forwards).toMatchObject({
      cases: 30,
      knownDifferences: 3,
      coverage: { add: { zero: { completed: 30 } } },
    });
  });

  test('deals its shards out to several workers, each shard to one', () => {
    const state = fold(campaign, given(start, shard(1)));
    if (state.status !== 'running') throw new Error('not running');
    expect([shardsLeft(state, 0, 2), shardsLeft(state, 1, 2)]).toEqual([[0, 2], []]);
  });

  test('is read back from what was stored', () => {
    for (const event of given(start, shard(0, refuted), shard(1), shard(2), complete))
      expect(readCampaignEvent(JSON.parse(JSON.stringify(event)) as CampaignEvent)).toEqual({
        ok: true,
        value: event,
      });
    expect(
      readCampaignEvent({
        type: 'ShardVerified',
        version: 1,
        data: { ...clean, shard: -1, counterexamples: 0 },
      }),
    ).toEqual({ ok: false, error: 'ShardVerified has a malformed "shard"' });
    expect(readCampaignEvent({ type: 'CampaignStarted', version: 2, data: setup })).toMatchObject({
      ok: false,
    });
  });
});

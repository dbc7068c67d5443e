import { describe, expect, test } from '@jest/globals';
import type { Candidate } from '../../application/ports/translation-policy.ts';
import type { ProfiledBlock } from '../../domain/profile/events.ts';
import { nodeHash } from '../hashing/node-hash.ts';
import { counterPolicy, usualLimit, usualPolicy } from './counter-policy.ts';
import { beforeEveryKept, beforeFirstKept, hot } from './kept-first.ts';
import { learnedPolicy } from './learned-policy.ts';
import { policies } from './policies.ts';
import { profilePolicy } from './profile-policy.ts';

const features = {
  instructions: 4,
  loads: 1,
  stores: 0,
  floats: 0,
  backward: 1,
  calls: 0,
  returns: 0,
  indirect: 0,
} as const;
const code = Uint8Array.of(1, 2, 3, 4);
const candidate = (entries: number, change: Partial<Candidate> = {}): Candidate => ({
  address: 64,
  code,
  features,
  entries,
  firstSeen: 0,
  now: 16 * entries,
  kept: false,
  ...change,
});

describe('the counter policy', () => {
  test('has patience for what is left to the limit', () => {
    const policy = counterPolicy(100);
    expect([0, 40, 100, 101].map((entries) => policy.patience(candidate(entries)))).toEqual([100, 60, 0, 0]);
  });

  test('translates everything at once with 0, and nothing ever with Infinity', () => {
    expect(counterPolicy(0).patience(candidate(0))).toBe(0);
    expect(counterPolicy(Infinity).patience(candidate(Infinity))).toBe(Infinity);
  });
});

describe('the usual policy', () => {
  const early = { now: 1e6 };
  const late = { now: 1e9 };

  test('translates nothing of a program that has done little', () => {
    expect(usualPolicy.patience(candidate(0, early))).toBeGreaterThan(0);
    expect(usualPolicy.patience(candidate(usualLimit, early))).toBeGreaterThan(0);
    expect(usualPolicy.patience(candidate(usualLimit, late))).toBe(0);
  });

  test('translates in any case what was entered very often', () => {
    expect(usualPolicy.patience(candidate(16 * usualLimit, early))).toBe(0);
  });

  test('counts to the limit once the program has done much', () => {
    expect(usualPolicy.patience(candidate(0, late))).toBe(usualLimit);
    expect(usualPolicy.patience(candidate(10, late))).toBe(usualLimit - 10);
  });
});

describe('code that was translated before', () => {
  const kept = { kept: true };

  test.each([
    ['counter', usualPolicy],
    ['adaptive', policies.adaptive()],
    ['profile', policies.profile([])],
    ['learned', policies.learned(policies.usualModel)],
  ])(
    'is taken over at first sight by the %s policy, once the program does more than a little',
    (_, policy) => {
      expect(policy.patience(candidate(0, { ...kept, now: beforeFirstKept - 1 }))).toBeGreaterThan(0);
      expect(policy.patience(candidate(0, { ...kept, now: beforeFirstKept }))).toBeGreaterThan(0);
      expect(policy.patience(candidate(hot, { ...kept, now: beforeFirstKept }))).toBe(0);
      expect(policy.patience(candidate(0, { ...kept, now: beforeEveryKept }))).toBe(0);
      expect(policy.patience(candidate(0, { now: beforeEveryKept }))).toBeGreaterThan(0);
    },
  );

  test('is looked for again soon where the program had done little', () => {
    expect(usualPolicy.patience(candidate(0, { ...kept, now: 0 }))).toBeLessThan(usualLimit / 4);
  });
});

describe('the adaptive policy', () => {
  test('translates soon while few regions are translated for what is executed, and later when many are', () => {
    const policy = policies.adaptive();
    expect(policy.patience(candidate(0))).toBe(1024);
    expect(policy.patience(candidate(1024, { now: 1e6 }))).toBe(0);
    // One region for a million instructions: the limit is 16 times the least now, and falls as more are executed.
    expect(policy.patience(candidate(1024, { now: 1e6 }))).toBe(1024);
    expect(policy.patience(candidate(16_384, { now: 1e6 }))).toBe(0);
    expect(policy.patience(candidate(1024, { now: 1e9 }))).toBe(0);
  });

  test('translates in any case what was entered very often', () => {
    const policy = policies.adaptive();
    for (let region = 0; region < 100; region++) policy.patience(candidate(65_536, { now: 1 }));
    expect(policy.patience(candidate(65_536, { now: 1 }))).toBe(0);
    expect(policy.patience(candidate(32_768, { now: 1 }))).toBe(32_768);
  });
});

describe('the profile policy', () => {
  const block = (address: number, milestones: readonly number[]): ProfiledBlock => ({
    address,
    code: nodeHash(code),
    features,
    firstSeen: 0,
    milestones,
  });
  const policy = profilePolicy([block(64, [1, 2, 3, 4]), block(128, [1])], { limit: 8000, pays: 65_536 });

  test('translates early what is known to be hot', () => {
    expect([0, 64].map((entries) => policy.patience(candidate(entries)))).toEqual([64, 0]);
  });

  test('does not take other code at the same address for it', () => {
    expect(policy.patience(candidate(0, { code: Uint8Array.of(9) }))).toBe(8000);
  });

  test('has patience with what is known to be lukewarm, until it is hot after all', () => {
    const lukewarm = { address: 128 };
    expect(policy.patience(candidate(0, lukewarm))).toBe(65_536);
    expect(policy.patience(candidate(65_536, lukewarm))).toBe(0);
  });

  test('counts what it does not know', () => {
    const unknown = { address: 4096 };
    expect(policy.patience(candidate(0, unknown))).toBe(8000);
    expect(policy.patience(candidate(8000, unknown))).toBe(0);
  });
});

describe('the learned policy', () => {
  const model = (bias: number) => ({
    ...policies.usualModel,
    bias,
    inputs: policies.usualModel.inputs.map((input) => ({ ...input, coefficient: 0 })),
  });

  test('asks the model at milestones, and translates what it believes in', () => {
    expect(learnedPolicy(model(3)).patience(candidate(0))).toBe(1024);
    expect(learnedPolicy(model(3)).patience(candidate(1024))).toBe(0);
  });

  test('waits with the rest until it has paid', () => {
    const policy = learnedPolicy(model(-3));
    expect([1024, 4096, 16_384, 65_536].map((entries) => policy.patience(candidate(entries)))).toEqual([
      3072, 12_288, 49_152, 0,
    ]);
  });
});

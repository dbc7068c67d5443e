import { describe, expect, test } from '@jest/globals';
import { fold } from '../shared/decider.ts';
import { asDigest } from '../shared/digest.ts';
import type { ProfiledBlock, ProfileTakenData } from './events.ts';
import { entriesOf, profile } from './profile.ts';
import { readProfileEvent } from './read-event.ts';

const code = (digit: string) => asDigest(digit.repeat(64));
const block = (address: number, milestones: readonly number[], digit = 'a'): ProfiledBlock => ({
  address,
  code: code(digit),
  features: {
    instructions: 3,
    loads: 0,
    stores: 0,
    floats: 0,
    backward: 1,
    calls: 0,
    returns: 0,
    indirect: 0,
  },
  firstSeen: 10,
  milestones,
});
const taken = (recording: string, ...blocks: ProfiledBlock[]): ProfileTakenData => ({
  isa: 'riscv64',
  mode: 'user',
  recording,
  instructions: 1_000_000,
  blocks,
});

function given(...all: ProfileTakenData[]) {
  return all.flatMap((data) => {
    const decided = profile.decide({ type: 'TakeProfile', profile: data }, profile.initial);
    if (!decided.ok) throw new Error(decided.error.reason);
    return decided.value;
  });
}

describe('a profile', () => {
  test('knows entries by the last milestone', () => {
    expect([[], [5], [5, 9], [5, 9, 30]].map((milestones) => entriesOf({ milestones }))).toEqual([
      0, 1024, 4096, 16_384,
    ]);
  });

  test('keeps of each block the most entries that a recording saw, and blocks with other code apart', () => {
    const events = given(
      taken('one', block(64, [100]), block(128, [100, 400])),
      taken('two', block(64, [90, 300]), block(128, [80]), block(128, [70], 'b')),
    );
    const state = fold(profile, events);
    expect(state).toMatchObject({ status: 'taken', recordings: new Set(['one', 'two']) });
    const blocks = state.status === 'taken' ? [...state.blocks.values()] : [];
    expect(blocks).toEqual([block(64, [90, 300]), block(128, [100, 400]), block(128, [70], 'b')]);
  });

  test('refuses another instruction set, and a block twice', () => {
    const state = fold(profile, given(taken('one', block(64, [100]))));
    const other = { ...taken('two'), isa: 'aarch64' };
    expect(profile.decide({ type: 'TakeProfile', profile: other }, state)).toEqual({
      ok: false,
      error: { reason: 'other-instruction-set', isa: 'riscv64', mode: 'user' },
    });
    const twice = taken('two', block(64, [100]), block(64, [200]));
    expect(profile.decide({ type: 'TakeProfile', profile: twice }, state)).toEqual({
      ok: false,
      error: { reason: 'block-twice', address: 64 },
    });
  });

  test('reads back what it wrote, and refuses what is no profile', () => {
    const [event] = given(taken('one', block(64, [100])));
    const stored = JSON.parse(JSON.stringify(event)) as NonNullable<typeof event>;
    expect(readProfileEvent(stored)).toEqual({ ok: true, value: event });
    const damaged = { ...stored, data: { ...stored.data, blocks: [{ address: -1 }] } };
    expect(readProfileEvent(damaged)).toEqual({ ok: false, error: 'ProfileTaken has a malformed "blocks"' });
  });
});

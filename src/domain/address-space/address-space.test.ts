import { describe, expect, test } from '@jest/globals';
import { fold } from '../shared/decider.ts';
import { addressSpace, type AddressSpaceCommand, type AddressSpaceState } from './address-space.ts';
import { covers } from './region.ts';

const create: AddressSpaceCommand = {
  type: 'CreateAddressSpace',
  size: 0x100_0000,
  floor: 0x1_0000,
  ceiling: 0x80_0000,
  heap: 0x4_0000,
};

const mapAt = (address: number, length: number, permissions = 3, name = ''): AddressSpaceCommand => ({
  type: 'MapRegion',
  at: { kind: 'fixed', address },
  length,
  permissions,
  name,
  offset: 0,
});

/** The state after commands that are all taken. */
function given(...commands: readonly AddressSpaceCommand[]): AddressSpaceState {
  return commands.reduce<AddressSpaceState>((state, command) => {
    const decided = addressSpace.decide(command, state);
    if (!decided.ok) throw new Error(`refused: ${decided.error}`);
    return fold(addressSpace, decided.value, state);
  }, addressSpace.initial);
}

const regions = (state: AddressSpaceState) =>
  state.status === 'present' ? state.regions.map((r) => [r.start, r.end, r.permissions]) : [];

describe('an address space', () => {
  test('refuses everything before it exists, and to be created twice', () => {
    expect(addressSpace.decide(mapAt(0x2_0000, 4096), addressSpace.initial)).toEqual({
      ok: false,
      error: 'not-created',
    });
    expect(addressSpace.decide(create, given(create))).toEqual({ ok: false, error: 'already-created' });
  });

  test('merges neighbours that say the same, and only those', () => {
    const same = given(create, mapAt(0x10_0000, 4096), mapAt(0x10_1000, 4096));
    expect(regions(same)).toEqual([[0x10_0000, 0x10_2000, 3]]);
    const other = given(create, mapAt(0x10_0000, 4096), mapAt(0x10_1000, 4096, 1));
    expect(regions(other)).toHaveLength(2);
  });

  test('splits a region where its middle is unmapped or protected', () => {
    const mapped = [create, mapAt(0x10_0000, 0x4000)] as const;
    expect(regions(given(...mapped, { type: 'UnmapRegion', address: 0x10_1000, length: 4096 }))).toEqual([
      [0x10_0000, 0x10_1000, 3],
      [0x10_2000, 0x10_4000, 3],
    ]);
    const guard = { type: 'ProtectRegion', address: 0x10_1000, length: 4096, permissions: 0 } as const;
    expect(regions(given(...mapped, guard))).toEqual([
      [0x10_0000, 0x10_1000, 3],
      [0x10_1000, 0x10_2000, 0],
      [0x10_2000, 0x10_4000, 3],
    ]);
    expect(regions(given(...mapped, guard, { ...guard, permissions: 3 }))).toEqual([
      [0x10_0000, 0x10_4000, 3],
    ]);
  });

  test('places mappings from the ceiling downwards, in the highest gap', () => {
    const anywhere = { ...mapAt(0, 4096), at: { kind: 'anywhere' } } as AddressSpaceCommand;
    expect(regions(given(create, anywhere, { ...anywhere, permissions: 1 } as AddressSpaceCommand))).toEqual([
      [0x7f_e000, 0x7f_f000, 1],
      [0x7f_f000, 0x80_0000, 3],
    ]);
  });

  test('takes a free hint, ignores one that is beyond memory or taken', () => {
    const hint = (address: number) =>
      ({ ...mapAt(0, 4096), at: { kind: 'hint', address } }) as AddressSpaceCommand;
    expect(regions(given(create, hint(0x20_0123)))).toEqual([[0x20_0000, 0x20_1000, 3]]);
    expect(regions(given(create, hint(0xc0_0000_0000)))).toEqual([[0x7f_f000, 0x80_0000, 3]]);
    expect(regions(given(create, mapAt(0x20_0000, 4096, 1), hint(0x20_0000)))).toContainEqual([
      0x7f_f000, 0x80_0000, 3,
    ]);
  });

  test.each([
    ['a fixed mapping beyond memory', mapAt(0xc0_0000_0000, 4096), 'no-memory'],
    ['a fixed mapping below the floor', mapAt(0, 4096), 'no-memory'],
    ['an empty mapping', mapAt(0x20_0000, 0), 'invalid-range'],
    ['a misaligned mapping', mapAt(0x20_0001, 4096), 'invalid-range'],
    [
      'protecting a hole',
      { type: 'ProtectRegion', address: 0x30_0000, length: 4096, permissions: 1 },
      'no-memory',
    ],
    ['moving the break below the heap', { type: 'MoveBreak', to: 0x3_0000 }, 'invalid-range'],
    ['growing the heap into a mapping', { type: 'MoveBreak', to: 0x20_0000 }, 'no-memory'],
    [
      'resizing what is not mapped',
      { type: 'ResizeRegion', address: 0x30_0000, oldLength: 4096, newLength: 8192, move: undefined },
      'not-mapped',
    ],
  ] as const)('refuses %s', (_, command, error) => {
    const state = given(create, mapAt(0x10_0000, 4096));
    expect(addressSpace.decide(command as AddressSpaceCommand, state)).toEqual({ ok: false, error });
  });

  test('moves a region that cannot grow in place', () => {
    const state = given(create, mapAt(0x20_0000, 4096), mapAt(0x20_1000, 4096, 1), {
      type: 'ResizeRegion',
      address: 0x20_0000,
      oldLength: 4096,
      newLength: 8192,
      move: { kind: 'anywhere' },
    });
    expect(regions(state)).toEqual([
      [0x20_1000, 0x20_2000, 1],
      [0x7f_e000, 0x80_0000, 3],
    ]);
  });

  test('grows and shrinks the heap by pages, and remembers the exact break', () => {
    const grown = given(create, { type: 'MoveBreak', to: 0x4_1234 });
    expect(regions(grown)).toEqual([[0x4_0000, 0x4_2000, 3]]);
    expect(grown).toMatchObject({ break: 0x4_1234 });
    const shrunk = addressSpace.decide({ type: 'MoveBreak', to: 0x4_0000 }, grown);
    expect(shrunk).toMatchObject({ ok: true, value: [{ type: 'RegionUnmapped' }, { type: 'BreakMoved' }] });
  });

  test('knows whether a range is mapped without holes', () => {
    const state = given(create, mapAt(0x20_0000, 4096), mapAt(0x20_2000, 4096));
    if (state.status !== 'present') throw new Error('absent');
    expect(covers(state.regions, 0x20_0000, 0x20_1000)).toBe(true);
    expect(covers(state.regions, 0x20_0000, 0x20_3000)).toBe(false);
  });
});

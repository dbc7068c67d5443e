import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import { type CaseLine, defaultOf, pcAfter, slotText } from './case-line.ts';
import { type GuestCase, readSlot } from './guest-case.ts';
import { type Outcome, stopText, type World } from './world.ts';

/** The guest code and state that a line describes. */
export const guestCaseOf = ({ bytes, before, steps }: CaseLine): GuestCase => ({
  code: bytes,
  steps,
  slots: before.slots,
  memory: before.memory,
  icount: before.icount ?? 0,
});

/** Runs a case's code and gives what differs from what its line expects; nothing when it does as the line says. */
export function checkCase(world: World, each: CaseLine): readonly DivergentField[] {
  const asked = guestCaseOf(each);
  const { layout } = world.isa;
  const before = world.outcome({ ...asked, steps: 0 });
  const found = world.outcome(asked);
  const expected = new Map(
    [...layout.slots.keys()].map((slot) => [slot, asked.slots.get(slot) ?? defaultOf(slot)]),
  );
  expected.set('pc', pcAfter(each));
  for (const [slot, value] of each.after.slots) expected.set(slot, value);
  const memory = new Map([...before.memory].map(([start, bytes]) => [start, bytes.slice()]));
  for (const [address, bytes] of each.after.memory)
    for (const [start, contents] of memory)
      if (address >= start && address < start + contents.length) contents.set(bytes, address - start);
  return [
    ...differ('end', each.end, stopText(found.stop)),
    ...differ('retired instructions', each.retired, found.retired),
    ...[...expected].flatMap(([slot, value]) =>
      differ(slotText(slot), value, readSlot(found.cpu, layout, slot)),
    ),
    ...memoryDifferences(memory, found.memory),
  ];
}

/** What differs between two outcomes of one case, the first of which is right. */
export function outcomeDifferences(world: World, expected: Outcome, found: Outcome): DivergentField[] {
  const { layout } = world.isa;
  return [
    ...differ('end', stopText(expected.stop), stopText(found.stop)),
    ...differ('retired instructions', expected.retired, found.retired),
    ...[...layout.slots.keys()].flatMap((slot) =>
      differ(slotText(slot), readSlot(expected.cpu, layout, slot), readSlot(found.cpu, layout, slot)),
    ),
    ...memoryDifferences(expected.memory, found.memory),
  ];
}

type Value = string | number | bigint;
const show = (value: Value): string => (typeof value === 'bigint' ? `0x${value.toString(16)}` : `${value}`);

export const differ = <T extends Value>(field: string, expected: T, found: T): DivergentField[] =>
  expected === found ? [] : [{ field, expected: show(expected), found: show(found) }];

/** The first byte of each region that differs. */
function memoryDifferences(expected: Outcome['memory'], found: Outcome['memory']): DivergentField[] {
  return [...expected].flatMap(([start, bytes]) => {
    const other = found.get(start)!;
    const at = bytes.findIndex((byte, index) => byte !== other[index]);
    return at < 0
      ? []
      : differ(
          `memory 0x${(start + at).toString(16)}`,
          `0x${bytes[at]!.toString(16)}`,
          `0x${other[at]!.toString(16)}`,
        );
  });
}

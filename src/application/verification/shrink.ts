import type { InstructionTable } from '../../domain/isa/instruction-table.ts';
import { defaultOf } from './case-line.ts';
import type { GuestCase, MemoryPiece } from './guest-case.ts';
import { instructionsOf, joined, withoutInstruction } from './shrink-code.ts';

/** Says whether a case still shows the failure. */
export type StillFails = (candidate: GuestCase) => boolean;

/**
 * Makes a failing case smaller while it fails: fewer instructions and steps, fewer slots and bytes of memory, simpler
 * values. Laws: what it gives fails; the same case and predicate give the same; it tries at most `budget` candidates.
 */
export function shrink(
  isa: InstructionTable,
  failing: GuestCase,
  fails: StillFails,
  budget = 3000,
): GuestCase {
  let smallest = failing;
  let left = budget;
  const take = (candidate: GuestCase): boolean => {
    if (left-- <= 0 || !fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let size = Infinity; size !== sizeOf(smallest) && left > 0;) {
    size = sizeOf(smallest);
    dropInstructions(isa, () => smallest, take);
    dropSteps(isa, () => smallest, take);
    dropSlots(() => smallest, take);
    simplifySlots(() => smallest, take);
    dropMemory(() => smallest, take);
    if (smallest.icount !== 0) take({ ...smallest, icount: 0 });
  }
  return smallest;
}

type Take = (candidate: GuestCase) => boolean;
type Current = () => GuestCase;

/** A measure that every accepted pass makes smaller. */
function sizeOf({ code, steps, slots, memory, icount }: GuestCase): number {
  const digits = [...slots.values()].reduce(
    (sum, value) => sum + value.toString(2).replaceAll('0', '').length,
    0,
  );
  const bytes = memory.reduce((sum, [, piece]) => sum + piece.length, 0);
  return code.length * 100 + steps + slots.size * 70 + digits + bytes + (icount === 0 ? 0 : 1);
}

/** With jumps across what is left out adjusted, or else as they are. */
function dropInstructions(isa: InstructionTable, current: Current, take: Take): void {
  for (let at = instructionsOf(isa, current().code).length - 1; at >= 0; at--) {
    const instructions = instructionsOf(isa, current().code);
    if (instructions.length === 1) return;
    if (at >= instructions.length) continue;
    const adjusted = withoutInstruction(isa, current().code, at);
    if (adjusted && take({ ...current(), code: adjusted })) continue;
    take({ ...current(), code: joined(instructions.toSpliced(at, 1)) });
  }
}

function dropSteps(isa: InstructionTable, current: Current, take: Take): void {
  const count = instructionsOf(isa, current().code).length;
  if (current().steps > count) take({ ...current(), steps: count });
  for (let steps = 1; steps < Math.min(current().steps, 2 * count); steps++)
    if (take({ ...current(), steps })) return;
}

function without(each: GuestCase, names: ReadonlySet<string>): GuestCase {
  return { ...each, slots: new Map([...each.slots].filter(([name]) => !names.has(name))) };
}

/** All at once, then halves, down to single ones. */
function dropSlots(current: Current, take: Take): void {
  const drop = (names: readonly string[]): void => {
    if (names.length === 0 || take(without(current(), new Set(names))) || names.length === 1) return;
    const middle = names.length >> 1;
    drop(names.slice(0, middle));
    drop(names.slice(middle));
  };
  drop([...current().slots.keys()]);
}

function simplifySlots(current: Current, take: Take): void {
  for (const name of current().slots.keys()) {
    const set = (value: bigint): boolean =>
      value !== current().slots.get(name) &&
      value !== defaultOf(name) &&
      take({ ...current(), slots: new Map(current().slots).set(name, value) });
    const value = current().slots.get(name)!;
    if ([1n, 2n, value & 0xffn, value & 0xffffn, value & 0xffff_ffffn].some(set)) continue;
    for (let bit = 63n; bit >= 0n; bit--) {
      const present = current().slots.get(name)!;
      if ((present >> bit) & 1n) set(present & ~(1n << bit));
    }
  }
}

/** Pieces of memory are dropped or cut in half as long as the failure stays. */
function dropMemory(current: Current, take: Take): void {
  const replace = (piece: MemoryPiece, by: readonly MemoryPiece[]): boolean =>
    take({ ...current(), memory: current().memory.flatMap((each) => (each === piece ? by : [each])) });
  const reduce = (piece: MemoryPiece): void => {
    const [address, bytes] = piece;
    if (replace(piece, []) || bytes.length === 1) return;
    const middle = bytes.length >> 1;
    const low: MemoryPiece = [address, bytes.slice(0, middle)];
    const high: MemoryPiece = [address + middle, bytes.slice(middle)];
    if (replace(piece, [low])) return reduce(low);
    if (replace(piece, [high])) return reduce(high);
    if (!replace(piece, [low, high])) return;
    reduce(low);
    reduce(high);
  };
  for (const piece of current().memory) if (current().memory.includes(piece)) reduce(piece);
}

import type { StateLayout } from '../../domain/ir/types.ts';
import { widths } from '../../domain/ir/types.ts';

/**
 * A small piece of guest code and the state that it begins in, within the world of world.ts. Slots that are not named
 * are zero, but for the pc, which is the code's address, and the reservation, which is none.
 */
export interface GuestCase {
  readonly code: Uint8Array;
  /** The most instructions that are executed. */
  readonly steps: number;
  readonly slots: ReadonlyMap<string, bigint>;
  readonly memory: readonly MemoryPiece[];
  /** Instructions retired before it. */
  readonly icount: number;
}

export type MemoryPiece = readonly [address: number, bytes: Uint8Array];

/** The value of a slot in a state block of `layout`, as an unsigned pattern. */
export function readSlot(block: Uint8Array, layout: StateLayout, name: string): bigint {
  const slot = layout.slots.get(name)!;
  let value = 0n;
  for (let byte = widths[slot.type] / 8 - 1; byte >= 0; byte--)
    value = (value << 8n) | BigInt(block[slot.offset + byte]!);
  return value;
}

export function writeSlot(block: Uint8Array, layout: StateLayout, name: string, value: bigint): void {
  const slot = layout.slots.get(name)!;
  for (let byte = 0; byte < widths[slot.type] / 8; byte++)
    block[slot.offset + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
}

/** Every slot of a state block. */
export const slotsOf = (block: Uint8Array, layout: StateLayout): Map<string, bigint> =>
  new Map([...layout.slots.keys()].map((name) => [name, readSlot(block, layout, name)]));

/** A state block in which `slots` have their values and all others are zero. */
export function blockOf(layout: StateLayout, slots: Iterable<readonly [string, bigint]>): Uint8Array {
  const block = new Uint8Array(layout.size);
  for (const [name, value] of slots) writeSlot(block, layout, name, value);
  return block;
}

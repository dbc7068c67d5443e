import { layoutState, type Slot, type StateLayout } from '../../ir/types.ts';

/**
 * The user-visible state of a RISC-V hart. x0 is no slot: it reads as zero and cannot be written. Floating-point
 * registers hold raw 64-bit patterns; singles in them are NaN-boxed. `reservation` is the address that LR reserved,
 * all ones when there is none. fcsr is `frm` and `fflags` side by side.
 */
const numbers = Array.from({ length: 32 }, (_, n) => n);

export const layout: StateLayout = layoutState(
  [
    ...numbers.slice(1).map((n) => [`x${n}`, 'i64'] as const),
    ['pc', 'i64'],
    ...numbers.map((n) => [`f${n}`, 'i64'] as const),
    ['reservation', 'i64'],
    ['fflags', 'i32'],
    ['frm', 'i8'],
  ],
  { pc: 'pc', fpExceptions: 'fflags' },
);

const slot = <T extends 'i8' | 'i32' | 'i64'>(name: string): Slot<T> => layout.slots.get(name) as Slot<T>;

/** By register number; entry 0 is a hole, for x0 is no slot. */
export const xSlots: readonly Slot<'i64'>[] = numbers.map((n) => slot(`x${n}`));
export const fSlots: readonly Slot<'i64'>[] = numbers.map((n) => slot(`f${n}`));
export const fflags = slot<'i32'>('fflags');
export const frm = slot<'i8'>('frm');
export const reservation = slot<'i64'>('reservation');

/** Everything above by the names that scheduler, loader and debugger use. */
export const state = { layout, x: xSlots, f: fSlots, pc: layout.pc, fflags, frm, reservation } as const;

/** The value of `reservation` when nothing is reserved. */
export const noReservation = 0xffff_ffff_ffff_ffffn;

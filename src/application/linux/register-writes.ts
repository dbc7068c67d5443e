import { state } from '../../domain/isa/riscv64/state.ts';
import { type Kernel, machineOf, processOf } from './kernel.ts';
import type { Thread } from './kernel-state.ts';
import { register } from './registers.ts';

/** Registers that the system writes, by their slots' names: who looks for writes is told of them as of those by instructions. */
const named = (...numbers: readonly number[]): readonly string[] =>
  numbers.map((number) => state.x[number]!.name);

export const systemWrites = {
  /** A system call returns. */
  result: named(register.a0),
  /** A signal's handler is entered. */
  handler: named(register.ra, register.sp, register.a0, register.a1, register.a2),
  /** A handler returns, or another program begins. */
  all: [...state.layout.slots.values()]
    .filter((slot) => slot !== state.pc && slot !== state.reservation)
    .map(({ name }) => name),
} as const;

/** The system wrote registers of a thread. */
export function systemWrote(kernel: Kernel, thread: Thread, what: keyof typeof systemWrites): void {
  machineOf(kernel, processOf(kernel, thread)).systemWrote(systemWrites[what]);
}

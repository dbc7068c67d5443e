import type { GuestMemory } from '../../ports/guest-memory.ts';
import type { Thread } from '../kernel-state.ts';
import { readBytes } from '../guest-pointer.ts';
import {
  clearReservation,
  getF,
  getFcsr,
  getPc,
  getX,
  register,
  setF,
  setFcsr,
  setPc,
  setX,
} from '../registers.ts';
import { actionFlag, encodeInfo, type SignalAction, type SignalInfo, unblockable } from './signal.ts';

/**
 * The frame that a signal handler finds on its stack (Linux arch/riscv/kernel/signal.c, asm/ucontext.h,
 * asm/sigcontext.h): siginfo (128 bytes), then a ucontext: flags, link, stack_t (24), mask in 128 bytes, padding to
 * 16, pc and x1…x31, the union of floating-point states (528 bytes, d state in front), whose end is the empty
 * list of extension contexts.
 */
const offset = {
  context: 128,
  stack: 128 + 16,
  mask: 128 + 40,
  registers: 128 + 176,
  float: 128 + 432,
} as const;
export const frameSize = 1088;

const disabled = 2;
const onStack = 1;
const autoDisarm = 1 << 31;

/** Whether `sp` lies on the thread's alternate signal stack. */
export function isOnAltStack(thread: Thread, sp: bigint): boolean {
  const { base, size, flags } = thread.altStack;
  return (flags & disabled) === 0 && (flags & autoDisarm) === 0 && sp > base && sp - base <= size;
}

/** SS_DISABLE, SS_ONSTACK or 0, as sigaltstack reports it. */
export const altStackState = (thread: Thread): number =>
  thread.altStack.flags & disabled
    ? disabled
    : (thread.altStack.flags & autoDisarm) |
      (isOnAltStack(thread, getX(thread.cpu, register.sp)) ? onStack : 0);

/**
 * Makes the thread enter `action`'s handler, which returns to `trampoline`. `mask` is the signal mask to restore.
 * False when the frame cannot be written.
 */
export function enterHandler(
  thread: Thread,
  memory: GuestMemory,
  info: SignalInfo,
  action: SignalAction,
  mask: bigint,
  trampoline: number,
): boolean {
  const { cpu, altStack } = thread;
  const old = getX(cpu, register.sp);
  let sp = old;
  if (isOnAltStack(thread, old) && !isOnAltStack(thread, old - BigInt(frameSize))) return false;
  const wantsAlt = (action.flags & BigInt(actionFlag.onStack)) !== 0n;
  if (wantsAlt && (altStack.flags & disabled) === 0 && !isOnAltStack(thread, old))
    sp = altStack.base + altStack.size;
  sp = BigInt.asUintN(64, sp - BigInt(frameSize)) & ~15n;
  const frame = new Uint8Array(frameSize);
  const view = new DataView(frame.buffer);
  frame.set(encodeInfo(info));
  view.setBigUint64(offset.stack, altStack.base, true);
  view.setInt32(offset.stack + 8, altStackState(thread), true);
  view.setBigUint64(offset.stack + 16, altStack.size, true);
  view.setBigUint64(offset.mask, mask, true);
  view.setBigUint64(offset.registers, getPc(cpu), true);
  for (let number = 1; number < 32; number++)
    view.setBigUint64(offset.registers + number * 8, getX(cpu, number), true);
  for (let number = 0; number < 32; number++)
    view.setBigUint64(offset.float + number * 8, getF(cpu, number), true);
  view.setUint32(offset.float + 256, getFcsr(cpu), true);
  if (sp + BigInt(frameSize) > BigInt(memory.size) || memory.write(Number(sp), frame)) return false;
  if (altStack.flags & autoDisarm) thread.altStack = { base: 0n, size: 0n, flags: disabled };
  setPc(cpu, action.handler);
  setX(cpu, register.ra, BigInt(trampoline));
  setX(cpu, register.sp, sp);
  setX(cpu, register.a0, BigInt(info.number));
  setX(cpu, register.a1, sp);
  setX(cpu, register.a2, sp + BigInt(offset.context));
  clearReservation(cpu);
  return true;
}

/** rt_sigreturn: puts back what the frame at sp holds. Throws BadPointer. */
export function leaveHandler(thread: Thread, memory: GuestMemory): void {
  const { cpu } = thread;
  const frame = readBytes(memory, getX(cpu, register.sp), frameSize);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  setPc(cpu, view.getBigUint64(offset.registers, true) & ~1n);
  for (let number = 1; number < 32; number++)
    setX(cpu, number, view.getBigUint64(offset.registers + number * 8, true));
  for (let number = 0; number < 32; number++)
    setF(cpu, number, view.getBigUint64(offset.float + number * 8, true));
  setFcsr(cpu, view.getUint32(offset.float + 256, true));
  thread.blocked = view.getBigUint64(offset.mask, true) & ~unblockable;
  const flags = view.getInt32(offset.stack + 8, true);
  if ((flags & ~(onStack | disabled | autoDisarm)) === 0)
    thread.altStack = {
      base: view.getBigUint64(offset.stack, true),
      size: view.getBigUint64(offset.stack + 16, true),
      flags: flags & ~onStack,
    };
  clearReservation(cpu);
}

import { errno } from './errno.ts';
import { fileSystemCalls } from './files/file-system-calls.ts';
import { BadPointer } from './guest-pointer.ts';
import { callContext } from './call-context.ts';
import { type Kernel, type KernelCallHandler, monotonic } from './kernel.ts';
import type { PendingCall, Thread } from './kernel-state.ts';
import { identityCalls } from './process/identity-calls.ts';
import { processCalls } from './process/process-calls.ts';
import { resourceCalls } from './process/resource-calls.ts';
import { schedulingCalls } from './process/scheduling-calls.ts';
import { memoryCalls } from './memory/memory-calls.ts';
import { callArguments, clearReservation, ecallLength, getPc, getX, register, setX } from './registers.ts';
import { systemWrote } from './register-writes.ts';
import { signalCalls } from './signals/signal-calls.ts';
import { systemCallName, systemCallNames } from './system-call-names.ts';
import { clockCalls } from './time/clock-calls.ts';
import { timerCalls } from './time/timer-calls.ts';
import { machineCalls } from './machine-calls.ts';
import { countUnsupported } from './unsupported.ts';

const handlers: Readonly<Record<string, KernelCallHandler>> = {
  ...fileSystemCalls,
  ...memoryCalls,
  ...processCalls,
  ...identityCalls,
  ...resourceCalls,
  ...schedulingCalls,
  ...signalCalls,
  ...clockCalls,
  ...timerCalls,
  ...machineCalls,
};

/** The one table: system call number to handler. Numbers that are not here answer ENOSYS. */
const table: ReadonlyMap<number, KernelCallHandler> = new Map(
  [...systemCallNames].flatMap(([number, name]) => {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    return handler ? [[number, handler] as const] : [];
  }),
);

/** The names of all system calls that are implemented. */
export const implementedCalls: ReadonlySet<string> = new Set([...table.keys()].map(systemCallName));

/** Makes, or makes again, a thread's call. True when it ended. */
export function attemptCall(kernel: Kernel, thread: Thread, pending: PendingCall): boolean {
  const handler = table.get(pending.number);
  let outcome;
  try {
    outcome = handler
      ? handler(callContext(kernel, thread, pending))
      : countUnsupported(kernel, systemCallName(pending.number));
  } catch (error) {
    if (!(error instanceof BadPointer)) throw error;
    outcome = errno.EFAULT;
  }
  if (typeof outcome === 'object') {
    pending.reason = outcome.wait;
    pending.deadline = outcome.deadline;
    pending.retry = false;
    thread.call = pending;
    return false;
  }
  thread.call = undefined;
  if (outcome === 'no-result') return true;
  setX(thread.cpu, register.a0, BigInt(outcome));
  systemWrote(kernel, thread, 'result');
  if (thread.restoreMask !== undefined) thread.blocked = thread.restoreMask;
  thread.restoreMask = undefined;
  return true;
}

/** The thread executed `ecall`; gives its address. */
export function enterSystemCall(kernel: Kernel, thread: Thread): bigint {
  clearReservation(thread.cpu);
  const number = Number(BigInt.asUintN(32, getX(thread.cpu, register.a7)));
  const pc = getPc(thread.cpu) - ecallLength;
  kernel.observer.systemCall(kernel, thread, number, pc);
  attemptCall(kernel, thread, {
    number,
    args: callArguments(thread.cpu),
    since: monotonic(kernel),
    progress: 0,
    reason: '',
    deadline: undefined,
    retry: false,
    futex: undefined,
  });
  return pc;
}

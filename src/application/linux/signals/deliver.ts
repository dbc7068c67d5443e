import { errno } from '../errno.ts';
import { type Kernel, memoryOf, processOf, threadsOf } from '../kernel.ts';
import type { PendingCall, Process, Thread } from '../kernel-state.ts';
import { endProcess, notifyParent } from '../process/end-process.ts';
import { clearReservation, ecallLength, getPc, getX, register, setPc, setX } from '../registers.ts';
import { systemWrote } from '../register-writes.ts';
import { systemCallName } from '../system-call-names.ts';
import { enterHandler } from './frame.ts';
import { deliverable, takeSignal } from './send.ts';
import {
  actionFlag,
  defaultAction,
  defaultEffect,
  handlerDefault,
  handlerIgnore,
  signal,
  type SignalAction,
  signalBit,
  type SignalInfo,
  signalName,
  synchronous,
} from './signal.ts';

/** Calls that a handler always interrupts, whatever SA_RESTART says (signal(7)). */
const neverRestarted = new Set(
  `ppoll pselect6 epoll_pwait epoll_pwait2 nanosleep clock_nanosleep rt_sigtimedwait rt_sigsuspend
   io_getevents semtimedop msgrcv msgsnd`.split(/\s+/),
);

/** Ends the call that a signal interrupts: with what it has done so far, to be made again, or with EINTR. */
function interruptCall(kernel: Kernel, thread: Thread, call: PendingCall, action: SignalAction): void {
  thread.call = undefined;
  const restart =
    (action.flags & BigInt(actionFlag.restart)) !== 0n &&
    !neverRestarted.has(systemCallName(call.number)) &&
    !(call.futex && call.deadline !== undefined);
  // The thread's a0 still holds the first argument, so that the ecall can be executed again.
  if (call.progress > 0) setX(thread.cpu, register.a0, BigInt(call.progress));
  else if (restart) setPc(thread.cpu, getPc(thread.cpu) - ecallLength);
  else setX(thread.cpu, register.a0, BigInt(errno.EINTR));
  if (call.progress > 0 || !restart) systemWrote(kernel, thread, 'result');
}

function describe(thread: Thread, info: SignalInfo): string {
  if (info.reason !== undefined) return info.reason;
  const pc = getPc(thread.cpu).toString(16);
  return `${signalName(info.number)} was sent to process ${thread.pid}; thread ${thread.tid} was at pc 0x${pc}`;
}

function takeDefault(kernel: Kernel, process: Process, thread: Thread, info: SignalInfo): void {
  switch (defaultEffect(info.number)) {
    case 'ignore':
    case 'continue':
      return;
    case 'stop':
      for (const other of threadsOf(kernel, process)) other.stopped = true;
      process.report = { kind: 'stopped', signal: info.number };
      notifyParent(kernel, process, 'stopped', info.number);
      return;
    case 'terminate':
      endProcess(kernel, process, { code: 0, signal: info.number }, describe(thread, info));
  }
}

/**
 * Delivers every signal that the thread can take, before it executes its next instruction. False when the thread
 * ended, stopped, or still waits for its call.
 */
export function deliverSignals(kernel: Kernel, thread: Thread): boolean {
  const process = processOf(kernel, thread);
  for (;;) {
    const set = deliverable(kernel, thread);
    if (set === 0n) break;
    const urgent = pendingSynchronous(thread, set);
    const info = takeSignal(process, thread, urgent === 0n ? set : urgent);
    if (!info) break;
    const action = process.actions[info.number]!;
    if (action.handler === handlerIgnore && info.number !== signal.SIGKILL) continue;
    kernel.observer.signal(kernel, thread, info.number);
    if (action.handler === handlerDefault || info.number === signal.SIGKILL)
      takeDefault(kernel, process, thread, info);
    else runHandler(kernel, process, thread, info, action);
    if (!kernel.state.threads.has(thread.tid) || thread.stopped) return false;
  }
  return thread.call === undefined;
}

const pendingSynchronous = (thread: Thread, set: bigint): bigint =>
  thread.pending.reduce((found, { number }) => found | signalBit(number), 0n) & set & synchronous;

function runHandler(
  kernel: Kernel,
  process: Process,
  thread: Thread,
  info: SignalInfo,
  action: SignalAction,
): void {
  if (thread.call) interruptCall(kernel, thread, thread.call, action);
  const mask = thread.restoreMask ?? thread.blocked;
  thread.restoreMask = undefined;
  const { trampoline } = kernel.state.spaces.get(process.space)!;
  if (!enterHandler(thread, memoryOf(kernel, process), info, action, mask, trampoline)) {
    const sp = getX(thread.cpu, register.sp).toString(16);
    const reason = `SIGSEGV: no room on the stack (sp 0x${sp}) for the handler of ${signalName(info.number)}`;
    endProcess(kernel, process, { code: 0, signal: signal.SIGSEGV }, reason);
    return;
  }
  systemWrote(kernel, thread, 'handler');
  if (action.flags & BigInt(actionFlag.resetHandler)) process.actions[info.number] = defaultAction;
  thread.blocked |= action.mask;
  if (!(action.flags & BigInt(actionFlag.noDefer))) thread.blocked |= signalBit(info.number);
  clearReservation(thread.cpu);
}

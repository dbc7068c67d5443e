import { errno } from '../errno.ts';
import { read64, readBytes, words64, write64, writeBytes } from '../guest-pointer.ts';
import type { Kernel, KernelCall, KernelCallHandler } from '../kernel.ts';
import type { Process } from '../kernel-state.ts';
import { getX, register } from '../registers.ts';
import { readTimespec } from '../time/timespec.ts';
import { systemWrote } from '../register-writes.ts';
import { altStackState, isOnAltStack, leaveHandler } from './frame.ts';
import { isIgnored, pendingSet, sendToProcess, sendToThread, takeSignal } from './send.ts';
import {
  cause,
  encodeInfo,
  sentBy,
  signal,
  signalBit,
  signalCount,
  type SignalInfo,
  unblockable,
} from './signal.ts';

const signed = (value: bigint): number => Number(BigInt.asIntN(32, value));
const setSize = 8n;
const valid = (number: number): boolean => number >= 1 && number <= signalCount;

const rt_sigaction: KernelCallHandler = (call) => {
  const { process, memory, args } = call;
  const number = signed(args[0]!);
  if (args[3] !== setSize || !valid(number)) return errno.EINVAL;
  if (args[1] !== 0n && signalBit(number) & unblockable) return errno.EINVAL;
  const old = process.actions[number]!;
  if (args[1] !== 0n) {
    const bytes = readBytes(memory, args[1]!, 24);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 24);
    const [handler, flags, mask] = [0, 8, 16].map((at) => view.getBigUint64(at, true)) as [
      bigint,
      bigint,
      bigint,
    ];
    process.actions[number] = { handler, flags, mask: mask & ~unblockable };
    if (isIgnored(process, number)) dropIgnored(call.kernel, process, number);
  }
  if (args[2] !== 0n) writeBytes(memory, args[2]!, words64(old.handler, old.flags, old.mask));
  return 0;
};

function dropIgnored(kernel: Kernel, process: Process, number: number): void {
  const keep = (info: SignalInfo) => info.number !== number;
  process.pending = process.pending.filter(keep);
  for (const tid of process.threads) {
    const thread = kernel.state.threads.get(tid);
    if (thread) thread.pending = thread.pending.filter(keep);
  }
}

const rt_sigprocmask: KernelCallHandler = ({ thread, memory, args }) => {
  if (args[3] !== setSize) return errno.EINVAL;
  const old = thread.blocked;
  if (args[1] !== 0n) {
    const set = read64(memory, args[1]!);
    const masks = [old | set, old & ~set, set];
    const mask = masks[signed(args[0]!)];
    if (mask === undefined) return errno.EINVAL;
    thread.blocked = mask & ~unblockable;
  }
  if (args[2] !== 0n) write64(memory, args[2]!, old);
  return 0;
};

const rt_sigpending: KernelCallHandler = ({ thread, process, memory, args }) => {
  if (args[1]! > setSize) return errno.EINVAL;
  const set = (pendingSet(thread.pending) | pendingSet(process.pending)) & thread.blocked;
  writeBytes(memory, args[0]!, words64(set).subarray(0, Number(args[1]!)));
  return 0;
};

const rt_sigsuspend: KernelCallHandler = (call) => {
  if (call.args[1] !== setSize) return errno.EINVAL;
  call.blockSignals(read64(call.memory, call.args[0]!));
  return { wait: 'a signal' };
};

const rt_sigtimedwait: KernelCallHandler = (call) => {
  const { thread, process, memory, args } = call;
  if (args[3] !== setSize) return errno.EINVAL;
  const timeout = args[2] === 0n ? undefined : readTimespec(memory, args[2]!);
  if (args[2] !== 0n && timeout === undefined) return errno.EINVAL;
  const info = takeSignal(process, thread, read64(memory, args[0]!) & ~unblockable);
  if (info) {
    if (args[1] !== 0n) writeBytes(memory, args[1]!, encodeInfo(info));
    return info.number;
  }
  const deadline = timeout === undefined ? undefined : call.attempt.since + timeout;
  if (deadline !== undefined && call.monotonic >= deadline) return errno.EAGAIN;
  return { wait: 'a signal', deadline };
};

const smallestStack = 2048n;
const stackFlags = { onStack: 1, disabled: 2, autoDisarm: 1 << 31 } as const;

const sigaltstack: KernelCallHandler = ({ thread, memory, args }) => {
  const old = thread.altStack;
  const report = words64(old.base, BigInt(altStackState(thread) >>> 0), old.size);
  if (args[0] !== 0n) {
    const bytes = readBytes(memory, args[0]!, 24);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 24);
    const flags = view.getInt32(8, true);
    const mode = flags & ~stackFlags.autoDisarm;
    if (isOnAltStack(thread, getX(thread.cpu, register.sp))) return errno.EPERM;
    if (mode !== 0 && mode !== stackFlags.onStack && mode !== stackFlags.disabled) return errno.EINVAL;
    const [base, size] = [view.getBigUint64(0, true), view.getBigUint64(16, true)];
    if (mode !== stackFlags.disabled && size < smallestStack) return errno.ENOMEM;
    thread.altStack =
      mode === stackFlags.disabled
        ? { base: 0n, size: 0n, flags: stackFlags.disabled }
        : { base, size, flags: flags & stackFlags.autoDisarm };
  }
  if (args[1] !== 0n) writeBytes(memory, args[1]!, report);
  return 0;
};

const rt_sigreturn: KernelCallHandler = ({ kernel, thread, memory }) => {
  try {
    leaveHandler(thread, memory);
    systemWrote(kernel, thread, 'all');
  } catch {
    sendToThread(kernel, thread, sentBy(signal.SIGSEGV, cause.kernel, 0));
  }
  return 'no-result';
};

/** The processes that `kill` means: one, the own group, a group, or all but the caller. */
function targets({ kernel, process }: KernelCall, pid: number): readonly Process[] {
  const all = [...kernel.state.processes.values()];
  if (pid > 0) return all.filter((other) => other.pid === pid);
  if (pid === -1) return all.filter((other) => other !== process);
  return all.filter((other) => other.group === (pid === 0 ? process.group : -pid));
}

function sendAll(call: KernelCall, pid: number, number: number, info: SignalInfo): number {
  if (number < 0 || number > signalCount) return errno.EINVAL;
  const found = targets(call, pid);
  if (found.length === 0) return errno.ESRCH;
  if (number !== 0) for (const process of found) sendToProcess(call.kernel, process, info);
  return 0;
}

const kill: KernelCallHandler = (call) => {
  const number = signed(call.args[1]!);
  return sendAll(call, signed(call.args[0]!), number, sentBy(number, cause.user, call.pid));
};

function sendOne(
  call: KernelCall,
  group: number | undefined,
  tid: number,
  number: number,
  info: SignalInfo,
): number {
  if (tid <= 0 || (group !== undefined && group <= 0) || number < 0 || number > signalCount)
    return errno.EINVAL;
  const thread = call.kernel.state.threads.get(tid);
  if (!thread || (group !== undefined && thread.pid !== group)) return errno.ESRCH;
  if (number !== 0) sendToThread(call.kernel, thread, info);
  return 0;
}

const tkill: KernelCallHandler = (call) => {
  const number = signed(call.args[1]!);
  return sendOne(call, undefined, signed(call.args[0]!), number, sentBy(number, cause.threadKill, call.pid));
};

const tgkill: KernelCallHandler = (call) => {
  const [group, tid, number] = call.args.slice(0, 3).map(signed) as [number, number, number];
  return sendOne(call, group, tid, number, sentBy(number, cause.threadKill, call.pid));
};

/** The caller's own siginfo; only a process itself may pretend that the kernel sent it. */
function givenInfo(call: KernelCall, number: number, address: bigint, pid: number): SignalInfo | number {
  const bytes = readBytes(call.memory, address, 128);
  const code = new DataView(bytes.buffer, bytes.byteOffset, 128).getInt32(8, true);
  if ((code >= 0 || code === cause.threadKill) && pid !== call.pid) return errno.EPERM;
  return { number, code, fields: bytes.slice(16) };
}

const rt_sigqueueinfo: KernelCallHandler = (call) => {
  const [pid, number] = [signed(call.args[0]!), signed(call.args[1]!)];
  const info = givenInfo(call, number, call.args[2]!, pid);
  return typeof info === 'number' ? info : sendAll(call, pid, number, info);
};

const rt_tgsigqueueinfo: KernelCallHandler = (call) => {
  const [group, tid, number] = call.args.slice(0, 3).map(signed) as [number, number, number];
  const info = givenInfo(call, number, call.args[3]!, group);
  return typeof info === 'number' ? info : sendOne(call, group, tid, number, info);
};

export const signalCalls: Readonly<Record<string, KernelCallHandler>> = {
  rt_sigaction,
  rt_sigprocmask,
  rt_sigpending,
  rt_sigsuspend,
  rt_sigtimedwait,
  rt_sigreturn,
  rt_sigqueueinfo,
  rt_tgsigqueueinfo,
  sigaltstack,
  kill,
  tkill,
  tgkill,
};

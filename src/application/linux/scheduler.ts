import type { MemoryFault } from '../../domain/ir/evaluator.ts';
import type { Stop } from '../ports/execution-engine.ts';
import { type Kernel, machineOf, monotonic, processOf, processTime } from './kernel.ts';
import type { Thread } from './kernel-state.ts';
import { getPc, getX } from './registers.ts';
import { deliverSignals } from './signals/deliver.ts';
import { deliverable, forceSignal } from './signals/send.ts';
import { cause, faultAt, signal, type SignalInfo } from './signals/signal.ts';
import { attemptCall, enterSystemCall } from './system-calls.ts';
import { earliestExpiry, fireTimers } from './time/timers.ts';
import { rotate, waitName } from './turns.ts';

/**
 * Threads take turns in a fixed order. Laws: which thread runs at an instruction count, and what it sees, depends
 * on the machine's history only, never on how a run is cut into `advance` calls: turns change when a thread waits,
 * and at multiples of the quantum when others are ready. A call made by instruction N is part of instruction N;
 * everything else that happens between instructions belongs to the next one.
 */
export const quantum = 32_768;

const timedOut = (kernel: Kernel, { call }: Thread): boolean =>
  call?.deadline !== undefined && monotonic(kernel) >= call.deadline;

const isReady = (kernel: Kernel, thread: Thread): boolean =>
  !thread.stopped &&
  thread.vforkChild === 0 &&
  (!thread.call || thread.call.retry || timedOut(kernel, thread) || deliverable(kernel, thread) !== 0n);

const queued = (kernel: Kernel): Thread[] =>
  kernel.state.queue.flatMap((tid) => kernel.state.threads.get(tid) ?? []);

const othersReady = (kernel: Kernel, running: number | undefined): boolean =>
  queued(kernel).some((other) => other.tid !== running && isReady(kernel, other));

/**
 * Moves the thread that is next to the front; undefined when all wait. The clock turns the queue only when another
 * thread is ready: only then is every multiple of the quantum sure to be seen, however a run is cut.
 */
function choose(kernel: Kernel): Thread | undefined {
  const { state, icount } = kernel;
  if (icount % quantum === 0 && state.rotatedAt !== icount && othersReady(kernel, state.queue[0])) {
    state.rotatedAt = icount;
    rotate(kernel, 1);
  }
  const index = queued(kernel).findIndex((thread) => isReady(kernel, thread));
  if (index > 0) rotate(kernel, index);
  return index < 0 ? undefined : state.threads.get(state.queue[0]!);
}

/** The earliest guest time still to come at which a wait ends or a timer fires. A thread whose wait is over is ready. */
function earliestDeadline(kernel: Kernel): bigint | undefined {
  const now = monotonic(kernel);
  let earliest = earliestExpiry(kernel);
  for (const { call, stopped } of kernel.state.threads.values()) {
    if (call?.deadline === undefined || stopped || call.deadline <= now) continue;
    if (earliest === undefined || call.deadline < earliest) earliest = call.deadline;
  }
  return earliest;
}

/** Nobody can run: time passes until something happens, or the guest is stuck. */
function passTime(kernel: Kernel): void {
  const { state } = kernel;
  const deadline = earliestDeadline(kernel);
  if (deadline !== undefined) {
    const now = monotonic(kernel);
    if (deadline > now) state.skipped += deadline - now;
    return;
  }
  const waits = queued(kernel).map((thread) => `thread ${thread.tid} waits for ${waitName(thread)}`);
  state.status = { kind: 'deadlocked', reason: `Nothing can wake the guest: ${waits.join('; ')}.` };
}

/** The instruction count at which the scheduler must look again. */
function sliceEnd(kernel: Kernel, thread: Thread, until: number): number {
  const { icount } = kernel;
  let end = until;
  if (othersReady(kernel, thread.tid)) end = Math.min(end, (Math.floor(icount / quantum) + 1) * quantum);
  const deadline = earliestDeadline(kernel);
  if (deadline !== undefined) {
    const at = deadline - kernel.state.skipped;
    if (at < BigInt(end)) end = Math.max(icount + 1, Number(at));
  }
  const process = processOf(kernel, thread);
  for (const { clock, next } of process.timers.values())
    if (clock === 'cpu' && next !== undefined)
      end = Math.min(end, icount + Math.max(1, Number(next) - processTime(kernel, process)));
  return end;
}

/** Whether a thread has nothing to do but to execute instructions, and no timer can fire. */
function isComputing({ state }: Kernel, thread: Thread): boolean {
  if (thread.call || thread.pending.length > 0) return false;
  for (const { timers, pending } of state.processes.values())
    if (timers.size > 0 || pending.length > 0) return false;
  return true;
}

/** Runs until exactly as many instructions have retired as the observer says, or the guest ends. */
export function advance(kernel: Kernel): void {
  const { state, observer } = kernel;
  while (kernel.icount < observer.until && state.status.kind === 'running') {
    fireTimers(kernel);
    const thread = choose(kernel);
    if (!thread) {
      passTime(kernel);
      continue;
    }
    if (!isComputing(kernel, thread)) kernel.work++;
    const { call } = thread;
    if (call && (call.retry || timedOut(kernel, thread))) attemptCall(kernel, thread, call);
    if (!state.threads.has(thread.tid) || !deliverSignals(kernel, thread)) continue;
    if (thread.stopped || thread.vforkChild !== 0) continue;
    observer.systemDid(kernel, kernel.icount, thread);
    if (runSlice(kernel, thread, sliceEnd(kernel, thread, observer.until)) === 'halted') return;
  }
}

function runSlice(kernel: Kernel, thread: Thread, end: number): 'halted' | 'ended' {
  const { observer } = kernel;
  const machine = machineOf(kernel, processOf(kernel, thread));
  const began = kernel.icount;
  machine.cpu.set(thread.cpu);
  machine.icount = began;
  machine.stops = observer.stops;
  for (;;) {
    const stop = machine.run(end);
    thread.cpu.set(machine.cpu);
    thread.executed += machine.icount - kernel.icount;
    kernel.icount = machine.icount;
    switch (stop.reason) {
      case 'limit':
        return 'ended';
      case 'syscall':
        kernel.work++;
        observer.systemDid(kernel, kernel.icount - 1, thread, enterSystemCall(kernel, thread));
        return 'ended';
      case 'trap':
      case 'fault':
        kernel.work++;
        forceSignal(kernel, thread, signalOf(kernel, thread, stop));
        return 'ended';
      case 'breakpoint':
        if (observer.breakpoint(kernel, thread, kernel.icount > began)) return 'halted';
        machine.stops = { ...observer.stops, from: kernel.icount + 1 };
        break;
      case 'watchpoint':
        observer.accessed(kernel, thread, stop.pc, stop.accesses);
        if (kernel.icount >= observer.until) return 'ended';
    }
  }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The bytes at pc, for a message; empty where they cannot be read. */
function bytesAt(kernel: Kernel, thread: Thread): string {
  const { memory } = machineOf(kernel, processOf(kernel, thread));
  const pc = getPc(thread.cpu);
  if (pc + 4n > BigInt(memory.size)) return '';
  const bytes = memory.page(Number(pc / 4096n)).subarray(Number(pc % 4096n), Number(pc % 4096n) + 4);
  const length = (bytes[0]! & 3) === 3 ? 4 : 2;
  return ` (bytes ${[...bytes.subarray(0, length)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')})`;
}

/** The signal for what an instruction did (RISC-V Linux arch/riscv/kernel/traps.c, mm/fault.c). */
function signalOf(
  kernel: Kernel,
  thread: Thread,
  stop: Extract<Stop, { reason: 'trap' | 'fault' }>,
): SignalInfo {
  const pc = getPc(thread.cpu);
  const at = `at pc ${hex(pc)}${bytesAt(kernel, thread)}, ra ${hex(getX(thread.cpu, 1))}, thread ${thread.tid}`;
  if (stop.reason === 'fault') return faultSignal(stop.fault, at);
  switch (stop.cause) {
    case 'breakpoint':
      return faultAt(signal.SIGTRAP, cause.breakpoint, pc, `SIGTRAP: breakpoint ${at}`);
    case 'illegal-instruction':
      return faultAt(signal.SIGILL, cause.illegalOpcode, pc, `SIGILL: illegal instruction ${at}`);
    case 'divide-error':
    case 'invalid-float-operation':
      return faultAt(signal.SIGFPE, 1, pc, `SIGFPE: ${stop.cause} ${at}`);
  }
}

const accessNames = { load: 'load from', store: 'store to', fetch: 'fetch from' } as const;

function faultSignal({ access, kind, address }: MemoryFault, at: string): SignalInfo {
  const what = `${accessNames[access]} ${kind === 'protection' ? 'protected' : kind} address ${hex(address)} ${at}`;
  if (kind === 'misaligned') return faultAt(signal.SIGBUS, cause.alignment, address, `SIGBUS: ${what}`);
  const code = kind === 'unmapped' ? cause.unmapped : cause.protection;
  return faultAt(signal.SIGSEGV, code, address, `SIGSEGV: ${what}`);
}

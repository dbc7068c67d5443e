import {
  type Kernel,
  memoryOf,
  monotonic,
  processTime,
  randomBytes,
  realtime,
  threadsOf,
  wakeCalls,
} from '../kernel.ts';
import type { Process, Thread } from '../kernel-state.ts';
import { releaseProcessFiles } from '../files/descriptors.ts';
import { read32, read64, write32 } from '../guest-pointer.ts';
import { handlerIgnore, actionFlag, cause, childChanged, sentBy, signal } from '../signals/signal.ts';
import { sendToProcess } from '../signals/send.ts';
import { futexKey, wakeFutex } from './futex.ts';
import { processInfo } from './process-info.ts';

/** How a process ended: an exit code, or the signal that killed it (0: none). */
export interface Ending {
  readonly code: number;
  readonly signal: number;
}

const ownerDied = 0x4000_0000;
const waiters = 0x8000_0000;
const ownerMask = 0x3fff_ffff;
const robustLimit = 2048;

/** Marks the robust futexes that a dying thread holds (set_robust_list(2), the kernel's robust-futex-ABI). */
function releaseRobustFutexes(kernel: Kernel, process: Process, thread: Thread): void {
  const head = thread.robustList;
  if (head === 0n) return;
  const memory = memoryOf(kernel, process);
  const release = (entry: bigint, offset: bigint): void => {
    const address = BigInt.asUintN(64, (entry & ~1n) + offset);
    const word = read32(memory, address);
    if ((word & ownerMask) !== thread.tid) return;
    write32(memory, address, ((word & waiters) | ownerDied) >>> 0);
    if (word & waiters) wakeFutex(kernel, futexKey(kernel, process, address, false), 1, 0xffff_ffff);
  };
  try {
    const offset = read64(memory, head + 8n);
    const pending = read64(memory, head + 16n);
    let entry = read64(memory, head);
    for (let count = 0; (entry & ~1n) !== head && count < robustLimit; count++) {
      const next = read64(memory, entry & ~1n);
      if (entry !== pending) release(entry, offset);
      entry = next;
    }
    if (pending !== 0n) release(pending, offset);
  } catch {
    // The list leads to unusable memory: Linux stops walking it too.
  }
}

/** Ends one thread; the process with it when it was the last. */
export function endThread(kernel: Kernel, process: Process, thread: Thread, code: number): void {
  detachThread(kernel, process, thread);
  if (process.threads.length === 0) finishProcess(kernel, process, { code, signal: 0 }, '');
}

function detachThread(kernel: Kernel, process: Process, thread: Thread): void {
  releaseRobustFutexes(kernel, process, thread);
  if (thread.clearChildTid !== 0) {
    const address = BigInt(thread.clearChildTid);
    try {
      write32(memoryOf(kernel, process), address, 0);
      wakeFutex(kernel, futexKey(kernel, process, address, false), 1, 0xffff_ffff);
    } catch {
      // The guest unmapped the word: there is nobody to tell.
    }
  }
  forgetThread(kernel, process, thread);
  wakeCalls(kernel);
}

function forgetThread(kernel: Kernel, process: Process, thread: Thread): void {
  const { state } = kernel;
  process.executed += thread.executed;
  process.threads = process.threads.filter((tid) => tid !== thread.tid);
  state.threads.delete(thread.tid);
  state.queue = state.queue.filter((tid) => tid !== thread.tid);
}

/** Ends the threads of a process other than `keep` (exec). */
export function endOtherThreads(kernel: Kernel, process: Process, keep: Thread): void {
  for (const thread of threadsOf(kernel, process)) if (thread !== keep) detachThread(kernel, process, thread);
}

/** Ends a process and all its threads. `reason` says why, when a signal killed it. */
export function endProcess(kernel: Kernel, process: Process, ending: Ending, reason: string): void {
  for (const thread of threadsOf(kernel, process)) detachThread(kernel, process, thread);
  finishProcess(kernel, process, ending, reason);
}

function finishProcess(kernel: Kernel, process: Process, ending: Ending, reason: string): void {
  const { state } = kernel;
  if (process.ended) return;
  process.ended = ending;
  const { fileSystem, host } = kernel;
  releaseProcessFiles(
    {
      fileSystem,
      host,
      info: processInfo(kernel),
      pid: process.pid,
      monotonic: monotonic(kernel),
      realtime: realtime(kernel),
      timedOut: false,
      changed: () => wakeCalls(kernel),
      // A process that ends takes no more signals.
      raise: () => undefined,
      random: (length) => randomBytes(kernel, length),
    },
    process.files,
  );
  releaseSpace(kernel, process);
  resumeVforkParent(kernel, process);
  if (process.pid === initialPid(kernel)) {
    state.status =
      ending.signal === 0
        ? { kind: 'exited', code: ending.code }
        : { kind: 'killed', signal: ending.signal, reason };
    return;
  }
  for (const child of state.processes.values()) {
    if (child.parent !== process.pid) continue;
    child.parent = initialPid(kernel);
    if (child.ended) notifyParent(kernel, child, 'ended', 0);
    else if (child.parentDeathSignal)
      sendToProcess(kernel, child, sentBy(child.parentDeathSignal, cause.user, process.pid));
  }
  notifyParent(kernel, process, 'ended', 0);
}

/** The machine's first process: its end is the machine's. */
export const initialPid = (kernel: Kernel): number => kernel.state.processes.keys().next().value ?? 0;

/** Lets go of a process's address space; the last user's memory goes with it, except the machine's first (for inspection). */
export function releaseSpace(kernel: Kernel, process: Process, replaced = false): void {
  const { state, machines } = kernel;
  const shared = [...state.processes.values()].some(
    (p) => p !== process && !p.ended && p.space === process.space,
  );
  if (shared || (!replaced && process.pid === initialPid(kernel))) return;
  state.spaces.delete(process.space);
  machines.delete(process.space);
}

export function resumeVforkParent(kernel: Kernel, child: Process): void {
  for (const thread of kernel.state.threads.values())
    if (thread.vforkChild === child.pid) thread.vforkChild = 0;
}

/** Removes a zombie, adding its CPU time to its parent's. */
export function reap(kernel: Kernel, process: Process): void {
  const parent = kernel.state.processes.get(process.parent);
  if (parent) parent.childrenExecuted += processTime(kernel, process) + process.childrenExecuted;
  kernel.state.processes.delete(process.pid);
}

/** SIGCHLD and the wake-up of `wait`, as the parent's action allows. */
export function notifyParent(
  kernel: Kernel,
  process: Process,
  change: 'ended' | 'stopped' | 'continued',
  number: number,
): void {
  const parent = kernel.state.processes.get(process.parent);
  if (!parent || parent.ended) {
    if (change === 'ended') reap(kernel, process);
    return;
  }
  const action = parent.actions[signal.SIGCHLD]!;
  const noStop = (action.flags & BigInt(actionFlag.noChildStop)) !== 0n;
  const noZombie = action.handler === handlerIgnore || (action.flags & BigInt(actionFlag.noChildWait)) !== 0n;
  const { ended } = process;
  const info =
    change === 'ended' && ended
      ? childChanged(
          ended.signal ? cause.childKilled : cause.childExited,
          process.pid,
          ended.signal || ended.code,
        )
      : childChanged(change === 'stopped' ? cause.childStopped : cause.childContinued, process.pid, number);
  if (change === 'ended') {
    if (process.exitSignal > 0) sendToProcess(kernel, parent, { ...info, number: process.exitSignal });
    if (noZombie && process.exitSignal === signal.SIGCHLD) reap(kernel, process);
  } else if (!noStop) sendToProcess(kernel, parent, info);
  wakeCalls(kernel);
}

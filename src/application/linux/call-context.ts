import {
  type Kernel,
  type KernelCall,
  memoryOf,
  monotonic,
  processOf,
  randomBytes,
  realtime,
  wakeCalls,
} from './kernel.ts';
import type { PendingCall, Thread } from './kernel-state.ts';
import { processInfo } from './process/process-info.ts';
import { sendToThread } from './signals/send.ts';
import { cause, sentBy, unblockable } from './signals/signal.ts';

/** The context of a call that `thread` makes. */
export function callContext(kernel: Kernel, thread: Thread, pending: PendingCall): KernelCall {
  const process = processOf(kernel, thread);
  const now = monotonic(kernel);
  return {
    kernel,
    thread,
    process,
    pending,
    attempt: pending,
    args: pending.args,
    memory: memoryOf(kernel, process),
    host: kernel.host,
    fileSystem: kernel.fileSystem,
    files: process.files,
    info: processInfo(kernel),
    pid: process.pid,
    tid: thread.tid,
    monotonic: now,
    realtime: realtime(kernel),
    timedOut: pending.deadline !== undefined && now >= pending.deadline,
    random: (length) => randomBytes(kernel, length),
    changed: () => wakeCalls(kernel),
    raise: (number) => sendToThread(kernel, thread, sentBy(number, cause.user, process.pid)),
    blockSignals: (mask) => {
      thread.restoreMask ??= thread.blocked;
      thread.blocked = mask & ~unblockable;
    },
  };
}

import { type Kernel, monotonic, processTime } from '../kernel.ts';
import type { Process } from '../kernel-state.ts';
import { sendToProcess, sendToThread } from '../signals/send.ts';
import { expired, sentBy, cause } from '../signals/signal.ts';
import type { IntervalTimer } from './timer.ts';

/** The time of a timer's clock, nanoseconds. Real time runs like monotonic time. */
export const timeOf = (kernel: Kernel, process: Process, timer: Pick<IntervalTimer, 'clock'>): bigint =>
  timer.clock === 'cpu' ? BigInt(processTime(kernel, process)) : monotonic(kernel);

/** The earliest expiry of a timer that guest time drives, in guest monotonic nanoseconds. */
export function earliestExpiry(kernel: Kernel): bigint | undefined {
  let earliest: bigint | undefined;
  for (const { timers, ended } of kernel.state.processes.values()) {
    if (ended || timers.size === 0) continue;
    for (const { clock, next } of timers.values())
      if (clock !== 'cpu' && next !== undefined && (earliest === undefined || next < earliest))
        earliest = next;
  }
  return earliest;
}

/** Sends the signals of all timers whose time has come. */
export function fireTimers(kernel: Kernel): void {
  for (const process of kernel.state.processes.values()) {
    if (process.ended || process.timers.size === 0) continue;
    for (const timer of process.timers.values()) {
      const now = timeOf(kernel, process, timer);
      if (timer.next !== undefined && timer.next <= now) fire(kernel, process, timer, now);
    }
  }
}

function fire(kernel: Kernel, process: Process, timer: IntervalTimer, now: bigint): void {
  const passed = timer.interval > 0n ? (now - timer.next!) / timer.interval : 0n;
  timer.next = timer.interval > 0n ? timer.next! + (passed + 1n) * timer.interval : undefined;
  if (timer.signal === 0) return;
  const thread = timer.thread === 0 ? undefined : kernel.state.threads.get(timer.thread);
  const owner = thread ?? process;
  if (timer.number >= 0 && owner.pending.some((info) => info.timer === timer.number)) {
    timer.overrun += Number(passed) + 1;
    return;
  }
  timer.overrun = Number(passed);
  const info =
    timer.number < 0
      ? sentBy(timer.signal, cause.kernel, 0)
      : expired(timer.signal, timer.number, timer.overrun, timer.value);
  if (thread) sendToThread(kernel, thread, info);
  else sendToProcess(kernel, process, info);
}

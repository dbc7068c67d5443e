import type { Kernel } from './kernel.ts';
import type { Thread } from './kernel-state.ts';
import { clearReservation } from './registers.ts';

/** Gives the turn to the thread `by` places down the queue. A thread that loses it loses its LR reservation. */
export function rotate(kernel: Kernel, by: number): void {
  const { state } = kernel;
  const front = state.threads.get(state.queue[0] ?? 0);
  if (front && state.queue.length > 1) clearReservation(front.cpu);
  state.queue = [...state.queue.slice(by), ...state.queue.slice(0, by)];
}

/** What a thread waits for, in words. */
export const waitName = (thread: Thread): string =>
  thread.stopped
    ? 'SIGCONT'
    : thread.vforkChild
      ? `child ${thread.vforkChild}`
      : (thread.call?.reason ?? 'its turn');

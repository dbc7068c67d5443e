import { setImmediate } from 'node:timers/promises';
import type { HostClock } from '../../application/ports/host-clock.ts';

/** This process's monotonic clock and event loop. */
export const nodeClock: HostClock = {
  now: () => performance.now(),
  turn: () => setImmediate(),
};

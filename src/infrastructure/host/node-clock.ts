import type { HostClock } from '../../application/ports/host-clock.ts';
import { uptimeMs } from './uptime.ts';

/** This process's monotonic clock and event loop. */
export const nodeClock: HostClock = {
  now: uptimeMs,
  turn: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};

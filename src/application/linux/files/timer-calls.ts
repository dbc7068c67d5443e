/** timerfd_create, timerfd_settime, timerfd_gettime. Time that the guest sees never jumps, so no timer is cancelled. */
import { errno } from '../errno.ts';
import type { SystemCallContext, SystemCallHandler } from '../system-call.ts';
import { expiries } from './counters.ts';
import { installObject } from './descriptor-calls.ts';
import type { OpenFile, OpenObject } from './file-system-state.ts';
import { openFlag } from './modes.ts';
import { fileOf } from './open-files.ts';
import { copyOut, int, size, uint, viewIn } from './user-memory.ts';

type Timer = Extract<OpenObject, { kind: 'timerfd' }>;

const second = 1_000_000_000n;
/** CLOCK_REALTIME, MONOTONIC, BOOTTIME and the two alarm clocks. */
const clocks = [0, 1, 7, 8, 9];
const flag = { absolute: 1, cancelOnSet: 2 } as const;

function timerOf(call: SystemCallContext): OpenFile<Timer> | number {
  const file = fileOf(call.fileSystem, call.files.table, int(call.args[0]));
  if (typeof file === 'number') return file;
  return file.object.kind === 'timerfd' ? (file as OpenFile<Timer>) : errno.EINVAL;
}

/** struct itimerspec: interval, then time to the next expiry. */
function setting(call: SystemCallContext, timer: Timer): Uint8Array {
  let left = timer.next === undefined ? 0n : timer.next - call.monotonic;
  if (timer.next !== undefined && left <= 0n) {
    // Past: to the next expiry of a periodic timer, zero for one that has fired.
    left = timer.interval === 0n ? 0n : left + expiries(timer, call.monotonic) * timer.interval;
  }
  return new Uint8Array(
    BigInt64Array.of(timer.interval / second, timer.interval % second, left / second, left % second).buffer,
  );
}

function setTime(call: SystemCallContext): number {
  const flags = uint(call.args[1]);
  if ((flags & ~3) !== 0) return errno.EINVAL;
  const view = viewIn(call.memory, size(call.args[2]), 32);
  if (typeof view === 'number') return view;
  const [interval, value] = [0, 16].map((at) => {
    const [seconds, nanoseconds] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)];
    return seconds < 0n || nanoseconds < 0n || nanoseconds >= second
      ? undefined
      : seconds * second + nanoseconds;
  });
  if (interval === undefined || value === undefined) return errno.EINVAL;
  const file = timerOf(call);
  if (typeof file === 'number') return file;
  const timer = file.object;
  const old = setting(call, timer);
  const onWallClock = timer.clock === 0 || timer.clock === 8;
  const offset = onWallClock ? call.realtime - call.monotonic : 0n;
  const next = (flags & flag.absolute) !== 0 ? value - offset : call.monotonic + value;
  timer.next = value === 0n ? undefined : next;
  timer.interval = interval;
  timer.edges++;
  call.changed();
  return call.args[3] === 0n ? 0 : copyOut(call.memory, size(call.args[3]), old);
}

export const timerCalls: Readonly<Record<string, SystemCallHandler>> = {
  timerfd_create(call) {
    const [clock, flags] = [int(call.args[0]), uint(call.args[1])];
    if (!clocks.includes(clock) || (flags & ~(openFlag.closeOnExec | openFlag.nonBlock)) !== 0)
      return errno.EINVAL;
    return installObject(call, { kind: 'timerfd', clock, next: undefined, interval: 0n, edges: 0 }, flags);
  },
  timerfd_settime: setTime,
  timerfd_gettime(call) {
    const file = timerOf(call);
    return typeof file === 'number'
      ? file
      : copyOut(call.memory, size(call.args[1]), setting(call, file.object));
  },
};

import { errno } from '../errno.ts';
import { read32, read64, readBytes, words64, write32, writeBytes } from '../guest-pointer.ts';
import type { KernelCall, KernelCallHandler } from '../kernel.ts';
import { signal, signalCount } from '../signals/signal.ts';
import { clockId, clockTime, isRealtime } from './clock-calls.ts';
import type { IntervalTimer } from './timer.ts';
import { timeOf } from './timers.ts';
import { readTimespec, readTimeval, second, timespec, timeval } from './timespec.ts';

const notify = { signal: 0, none: 1, thread: 2, threadId: 4 } as const;

const clockOf = (id: number): IntervalTimer['clock'] =>
  id === clockId.processCpu || id === clockId.threadCpu || id < 0
    ? 'cpu'
    : isRealtime(id)
      ? 'realtime'
      : 'monotonic';

const timer_create: KernelCallHandler = (call) => {
  const { args, memory, process } = call;
  const id = Number(BigInt.asIntN(32, args[0]!));
  if (clockTime(call, id) === undefined) return errno.EINVAL;
  const number = process.nextTimer;
  let made: Pick<IntervalTimer, 'signal' | 'value' | 'thread'> = {
    signal: signal.SIGALRM,
    value: BigInt(number),
    thread: 0,
  };
  if (args[1] !== 0n) {
    const value = read64(memory, args[1]!);
    const wanted = read32(memory, args[1]! + 8n);
    const kind = read32(memory, args[1]! + 12n);
    const thread = kind & notify.threadId ? read32(memory, args[1]! + 16n) : 0;
    if (kind & ~(notify.none | notify.threadId)) return errno.EINVAL;
    if (kind !== notify.none && (wanted < 1 || wanted > signalCount)) return errno.EINVAL;
    if (thread !== 0 && !process.threads.includes(thread)) return errno.EINVAL;
    made = { signal: kind === notify.none ? 0 : wanted, value, thread };
  }
  write32(memory, args[2]!, number);
  process.nextTimer++;
  process.timers.set(number, {
    number,
    clock: clockOf(id),
    clockId: id,
    next: undefined,
    interval: 0n,
    overrun: 0,
    ...made,
  });
  return 0;
};

const timerOf = ({ process, args }: KernelCall): IntervalTimer | undefined => {
  const number = Number(BigInt.asIntN(32, args[0]!));
  return number < 0 ? undefined : process.timers.get(number);
};

function left(call: KernelCall, timer: IntervalTimer): bigint {
  if (timer.next === undefined) return 0n;
  const time = timer.next - timeOf(call.kernel, call.process, timer);
  return time > 0n ? time : 1n;
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.of(...a, ...b);

const timer_settime: KernelCallHandler = (call) => {
  const { args, memory } = call;
  const timer = timerOf(call);
  if (!timer || args[2] === 0n) return errno.EINVAL;
  const interval = readTimespec(memory, args[2]!);
  const value = readTimespec(memory, args[2]! + 16n);
  if (interval === undefined || value === undefined) return errno.EINVAL;
  const old = joined(timespec(timer.interval), timespec(left(call, timer)));
  if (args[3] !== 0n) writeBytes(memory, args[3]!, old);
  const now = timeOf(call.kernel, call.process, timer);
  const wallClock = timer.clock === 'realtime' ? call.realtime - call.monotonic : 0n;
  timer.interval = interval;
  timer.overrun = 0;
  timer.next = value === 0n ? undefined : (args[1]! & 1n) !== 0n ? value - wallClock : now + value;
  return 0;
};

const timer_gettime: KernelCallHandler = (call) => {
  const timer = timerOf(call);
  if (!timer) return errno.EINVAL;
  writeBytes(call.memory, call.args[1]!, joined(timespec(timer.interval), timespec(left(call, timer))));
  return 0;
};

const timer_getoverrun: KernelCallHandler = (call) => timerOf(call)?.overrun ?? errno.EINVAL;

const timer_delete: KernelCallHandler = (call) => {
  const timer = timerOf(call);
  if (!timer) return errno.EINVAL;
  call.process.timers.delete(timer.number);
  return 0;
};

/** ITIMER_REAL, ITIMER_VIRTUAL and ITIMER_PROF are timers -1, -2 and -3. */
const intervalSignals = [signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF];

function intervalTimer(call: KernelCall): IntervalTimer | undefined {
  const which = Number(BigInt.asIntN(32, call.args[0]!));
  const wanted = intervalSignals[which];
  if (wanted === undefined) return undefined;
  return (
    call.process.timers.get(-1 - which) ?? {
      number: -1 - which,
      clock: which === 0 ? 'monotonic' : 'cpu',
      clockId: which === 0 ? clockId.monotonic : clockId.processCpu,
      next: undefined,
      interval: 0n,
      signal: wanted,
      value: 0n,
      thread: 0,
      overrun: 0,
    }
  );
}

const microseconds = (value: bigint): bigint => (value > 0n && value < 1000n ? 1000n : value);

const writeInterval = (call: KernelCall, timer: IntervalTimer, address: bigint): void => {
  if (address !== 0n)
    writeBytes(
      call.memory,
      address,
      joined(timeval(timer.interval), timeval(microseconds(left(call, timer)))),
    );
};

const setitimer: KernelCallHandler = (call) => {
  const { args, memory, process } = call;
  const timer = intervalTimer(call);
  if (!timer) return errno.EINVAL;
  if (args[1] !== 0n) readBytes(memory, args[1]!, 32);
  const interval = args[1] === 0n ? 0n : readTimeval(memory, args[1]!);
  const value = args[1] === 0n ? 0n : readTimeval(memory, args[1]! + 16n);
  if (interval === undefined || value === undefined) return errno.EINVAL;
  writeInterval(call, timer, args[2]!);
  timer.interval = interval;
  timer.next = value === 0n ? undefined : timeOf(call.kernel, process, timer) + value;
  if (timer.next === undefined) process.timers.delete(timer.number);
  else process.timers.set(timer.number, timer);
  return 0;
};

const getitimer: KernelCallHandler = (call) => {
  const timer = intervalTimer(call);
  if (!timer) return errno.EINVAL;
  writeInterval(call, timer, call.args[1]!);
  return 0;
};

/** Clock ticks of 10 ms: user and system time of the process and of its children. */
const times: KernelCallHandler = (call) => {
  const tick = second / 100n;
  const own = clockTime(call, clockId.processCpu)! / tick;
  const children = BigInt(call.process.childrenExecuted) / tick;
  if (call.args[0] !== 0n) writeBytes(call.memory, call.args[0]!, words64(own, 0n, children, 0n));
  return call.monotonic / tick;
};

export const timerCalls: Readonly<Record<string, KernelCallHandler>> = {
  timer_create,
  timer_settime,
  timer_gettime,
  timer_getoverrun,
  timer_delete,
  setitimer,
  getitimer,
  times,
};

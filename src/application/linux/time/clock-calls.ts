import { errno } from '../errno.ts';
import { writeBytes } from '../guest-pointer.ts';
import {
  type Kernel,
  type KernelCall,
  type KernelCallHandler,
  monotonic,
  processTime,
  realtime,
} from '../kernel.ts';
import { readTimespec, timespec, timeval, writeTimespec } from './timespec.ts';

export const clockId = {
  realtime: 0,
  monotonic: 1,
  processCpu: 2,
  threadCpu: 3,
  monotonicRaw: 4,
  realtimeCoarse: 5,
  monotonicCoarse: 6,
  boottime: 7,
  realtimeAlarm: 8,
  boottimeAlarm: 9,
  tai: 11,
} as const;

const clockOf = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** The time of clock `id` in nanoseconds, as the caller sees it; undefined when there is no such clock. */
export function clockTime(
  { kernel, process, thread }: Pick<KernelCall, 'kernel' | 'process' | 'thread'>,
  id: number,
): bigint | undefined {
  switch (id) {
    case clockId.realtime:
    case clockId.realtimeCoarse:
    case clockId.realtimeAlarm:
    case clockId.tai:
      return realtime(kernel);
    case clockId.monotonic:
    case clockId.monotonicRaw:
    case clockId.monotonicCoarse:
    case clockId.boottime:
    case clockId.boottimeAlarm:
      return monotonic(kernel);
    case clockId.processCpu:
      return BigInt(processTime(kernel, process));
    case clockId.threadCpu:
      return BigInt(thread.executed);
    default:
      return id < 0 ? cpuClock(kernel, process.pid, thread.tid, id) : undefined;
  }
}

/** clock_getcpuclockid, pthread_getcpuclockid: ~pid << 3 | (4: a thread) | kind. */
function cpuClock(kernel: Kernel, ownPid: number, ownTid: number, id: number): bigint | undefined {
  const number = ~(id >> 3);
  if ((id & 3) === 3) return undefined;
  if (id & 4) {
    const thread = kernel.state.threads.get(number === 0 ? ownTid : number);
    return thread && BigInt(thread.executed);
  }
  const process = kernel.state.processes.get(number === 0 ? ownPid : number);
  return process && BigInt(processTime(kernel, process));
}

/** Whether the clock follows guest wall-clock time. */
export const isRealtime = (id: number): boolean =>
  id === clockId.realtime ||
  id === clockId.realtimeAlarm ||
  id === clockId.tai ||
  id === clockId.realtimeCoarse;

const clock_gettime: KernelCallHandler = (call) => {
  const time = clockTime(call, clockOf(call.args[0]!));
  if (time === undefined) return errno.EINVAL;
  writeTimespec(call.memory, call.args[1]!, time);
  return 0;
};

const clock_getres: KernelCallHandler = (call) => {
  if (clockTime(call, clockOf(call.args[0]!)) === undefined) return errno.EINVAL;
  if (call.args[1] !== 0n) writeTimespec(call.memory, call.args[1]!, 1n);
  return 0;
};

const gettimeofday: KernelCallHandler = ({ kernel, args, memory }) => {
  if (args[0] !== 0n) writeBytes(memory, args[0]!, timeval(realtime(kernel)));
  if (args[1] !== 0n) writeBytes(memory, args[1]!, new Uint8Array(8));
  return 0;
};

/** The time left is reported where Linux does: for relative sleeps that a handler interrupts. */
function sleep(call: KernelCall, deadline: bigint, remaining: bigint): ReturnType<KernelCallHandler> {
  if (call.monotonic >= deadline) return 0;
  if (remaining !== 0n) writeBytes(call.memory, remaining, timespec(deadline - call.monotonic));
  return { wait: 'a time to come', deadline };
}

const nanosleep: KernelCallHandler = (call) => {
  const time = readTimespec(call.memory, call.args[0]!);
  return time === undefined ? errno.EINVAL : sleep(call, call.attempt.since + time, call.args[1]!);
};

const absolute = 1n;

const clock_nanosleep: KernelCallHandler = (call) => {
  const { kernel, process, args, memory } = call;
  const id = clockOf(args[0]!);
  if (id === clockId.threadCpu || clockTime(call, id) === undefined) return errno.EINVAL;
  const time = readTimespec(memory, args[2]!);
  if (time === undefined) return errno.EINVAL;
  const isAbsolute = (args[1]! & absolute) !== 0n;
  if (id === clockId.processCpu || id < 0) {
    const used = BigInt(processTime(kernel, process));
    const left = isAbsolute ? time - used : time;
    return left <= 0n ? 0 : sleep(call, call.attempt.since + left, 0n);
  }
  if (!isAbsolute) return sleep(call, call.attempt.since + time, args[3]!);
  return sleep(call, isRealtime(id) ? time - (call.realtime - call.monotonic) : time, 0n);
};

/** The guest's clock follows its instructions; nobody may set it. */
const refuseToSet: KernelCallHandler = () => errno.EPERM;

export const clockCalls: Readonly<Record<string, KernelCallHandler>> = {
  clock_gettime,
  clock_getres,
  gettimeofday,
  nanosleep,
  clock_nanosleep,
  clock_settime: refuseToSet,
  settimeofday: refuseToSet,
  clock_adjtime: refuseToSet,
  adjtimex: refuseToSet,
};

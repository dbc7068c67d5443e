import { errno } from '../errno.ts';
import { read32, readBytes, write32, writeBytes } from '../guest-pointer.ts';
import type { KernelCall, KernelCallHandler } from '../kernel.ts';
import type { Thread } from '../kernel-state.ts';
import { writeTimespec } from '../time/timespec.ts';
import { rotate } from '../turns.ts';

/** The guest sees one processor and the ordinary scheduling policy; all threads take equal turns. */

const signed = (value: bigint): number => Number(BigInt.asIntN(32, value));

function named({ kernel, thread, args }: KernelCall): Thread | undefined {
  const tid = signed(args[0]!);
  return tid === 0 ? thread : kernel.state.threads.get(tid);
}

const sched_getaffinity: KernelCallHandler = (call) => {
  const length = Number(BigInt.asUintN(32, call.args[1]!));
  if (length < 8 || length % 8 !== 0) return errno.EINVAL;
  if (!named(call)) return errno.ESRCH;
  writeBytes(call.memory, call.args[2]!, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
  return 8;
};

const sched_setaffinity: KernelCallHandler = (call) => {
  const length = Math.min(8, Number(BigInt.asUintN(32, call.args[1]!)));
  const mask = readBytes(call.memory, call.args[2]!, length);
  if (!named(call)) return errno.ESRCH;
  return (mask[0] ?? 0) & 1 ? 0 : errno.EINVAL;
};

const ordinary = [0, 3, 5];
const realTime = [1, 2];

const setPolicy = (call: KernelCall, policy: number, priority: number): number => {
  if (!named(call)) return errno.ESRCH;
  if (ordinary.includes(policy)) return priority === 0 ? 0 : errno.EINVAL;
  return realTime.includes(policy) ? errno.EPERM : errno.EINVAL;
};

const sched_getparam: KernelCallHandler = (call) => {
  if (!named(call)) return errno.ESRCH;
  write32(call.memory, call.args[1]!, 0);
  return 0;
};

/** sched_get_priority_max and _min: 99 and 1 for real-time policies. */
const priorityBound =
  (bound: number): KernelCallHandler =>
  ({ args }) => {
    const policy = signed(args[0]!);
    return realTime.includes(policy) ? bound : ordinary.includes(policy) ? 0 : errno.EINVAL;
  };

export const schedulingCalls: Readonly<Record<string, KernelCallHandler>> = {
  sched_yield: ({ kernel }) => {
    rotate(kernel, 1);
    return 0;
  },
  sched_getaffinity,
  sched_setaffinity,
  sched_getscheduler: (call) => (named(call) ? 0 : errno.ESRCH),
  sched_setscheduler: (call) => setPolicy(call, signed(call.args[1]!), read32(call.memory, call.args[2]!)),
  sched_getparam,
  sched_setparam: (call) => setPolicy(call, 0, read32(call.memory, call.args[1]!)),
  sched_get_priority_max: priorityBound(99),
  sched_get_priority_min: priorityBound(1),
  sched_rr_get_interval: (call) => {
    writeTimespec(call.memory, call.args[1]!, 32_768n);
    return 0;
  },
  getpriority: () => 20,
  setpriority: () => 0,
};

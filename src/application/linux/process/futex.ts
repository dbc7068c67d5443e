import { within } from '../../../domain/address-space/region.ts';
import { errno } from '../errno.ts';
import { read32, write32 } from '../guest-pointer.ts';
import { type Kernel, type KernelCall, type KernelCallHandler, monotonic, realtime } from '../kernel.ts';
import type { Process, Thread } from '../kernel-state.ts';
import { readTimespec } from '../time/timespec.ts';
import { countUnsupported } from '../unsupported.ts';

/** futex(2). A waiter keeps its place in its pending call; waking is in the order of waiting. */

const operation = {
  wait: 0,
  wake: 1,
  requeue: 3,
  compareRequeue: 4,
  wakeOperation: 5,
  waitBitset: 9,
  wakeBitset: 10,
} as const;
const privateFlag = 128;
const clockRealtime = 256;
const every = 0xffff_ffff;

/** Names a futex: by address within an address space, or by shared object and offset. */
export function futexKey(kernel: Kernel, process: Process, address: bigint, isPrivate: boolean): string {
  const space = kernel.state.spaces.get(process.space);
  if (!isPrivate && space?.layout.status === 'present') {
    const at = Number(address);
    const [region] = within(space.layout.regions, at, at + 1);
    if (region?.shared !== undefined) return `shared ${region.shared} ${region.offset}`;
  }
  return `${process.space} ${address}`;
}

const waitersOf = (kernel: Kernel, key: string): readonly Thread[] =>
  [...kernel.state.threads.values()]
    .filter(({ call }) => call?.futex?.key === key && !call.futex.woken)
    .sort((a, b) => a.call!.futex!.order - b.call!.futex!.order);

/** Wakes up to `count` waiters whose bits meet `bitset`; gives how many. */
export function wakeFutex(kernel: Kernel, key: string, count: number, bitset: number): number {
  let woken = 0;
  for (const { call } of waitersOf(kernel, key)) {
    if (woken >= count) break;
    if (!call?.futex || (call.futex.bitset & bitset) === 0) continue;
    call.futex.woken = true;
    call.retry = true;
    woken++;
  }
  return woken;
}

function wait(call: KernelCall, address: bigint, key: string, bitset: number, deadline: bigint | undefined) {
  const { pending, kernel } = call;
  if (!pending.futex) {
    if (read32(call.memory, address) !== Number(BigInt.asUintN(32, call.args[2]!))) return errno.EAGAIN;
    pending.futex = { key, bitset, woken: false, order: kernel.state.nextWait++ };
  } else if (pending.futex.woken) return 0;
  if (call.timedOut) return errno.ETIMEDOUT;
  return { wait: `futex 0x${address.toString(16)}`, deadline };
}

/** The guest monotonic time at which a wait ends. */
function deadlineOf(call: KernelCall, command: number, onRealtime: boolean): bigint | undefined | number {
  const pointer = call.args[3]!;
  if (pointer === 0n) return undefined;
  const time = readTimespec(call.memory, pointer);
  if (time === undefined) return errno.EINVAL;
  if (command === operation.wait) return call.attempt.since + time;
  return onRealtime ? time - (realtime(call.kernel) - monotonic(call.kernel)) : time;
}

const signed32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** FUTEX_WAKE_OP: changes the second word, and tells whether its old value meets the comparison. */
function wakeOperation(call: KernelCall, encoded: number): boolean | number {
  const address = call.args[4]!;
  const sign12 = (value: number) => (value << 20) >> 20;
  const kind = (encoded >>> 28) & 7;
  const argument = sign12(encoded >>> 12);
  const operand = encoded >>> 31 !== 0 ? 1 << (argument & 31) : argument;
  const comparison = (encoded >>> 24) & 15;
  const against = sign12(encoded);
  const old = read32(call.memory, address) | 0;
  const results = [operand, old + operand, old | operand, old & ~operand, old ^ operand];
  const result = results[kind];
  const tests = [
    old === against,
    old !== against,
    old < against,
    old <= against,
    old > against,
    old >= against,
  ];
  const test = tests[comparison];
  if (result === undefined || test === undefined) return errno.ENOSYS;
  write32(call.memory, address, result >>> 0);
  return test;
}

function requeue(call: KernelCall, from: string, to: string): number {
  const { kernel, args } = call;
  const woken = wakeFutex(kernel, from, signed32(args[2]!), every);
  let moved = 0;
  for (const { call: waiting } of waitersOf(kernel, from)) {
    if (moved >= signed32(args[3]!)) break;
    if (!waiting?.futex) continue;
    waiting.futex = { ...waiting.futex, key: to, order: kernel.state.nextWait++ };
    moved++;
  }
  return woken + moved;
}

export const futex: KernelCallHandler = (call) => {
  const { kernel, process, args, memory } = call;
  const address = args[0]!;
  const command = Number(BigInt.asUintN(32, args[1]!));
  const kind = command & 127;
  const isPrivate = (command & privateFlag) !== 0;
  if (address % 4n !== 0n) return errno.EINVAL;
  const key = futexKey(kernel, process, address, isPrivate);
  switch (kind) {
    case operation.wait:
    case operation.waitBitset: {
      const bitset = kind === operation.wait ? every : Number(BigInt.asUintN(32, args[5]!));
      if (bitset === 0) return errno.EINVAL;
      const deadline = deadlineOf(call, kind, (command & clockRealtime) !== 0);
      return typeof deadline === 'number' ? deadline : wait(call, address, key, bitset, deadline);
    }
    case operation.wake:
    case operation.wakeBitset: {
      const bitset = kind === operation.wake ? every : Number(BigInt.asUintN(32, args[5]!));
      if (bitset === 0) return errno.EINVAL;
      // Linux wakes one waiter for counts of zero and less.
      return wakeFutex(kernel, key, Math.max(1, signed32(args[2]!)), bitset);
    }
    case operation.requeue:
    case operation.compareRequeue: {
      if (signed32(args[2]!) < 0 || signed32(args[3]!) < 0) return errno.EINVAL;
      if (
        kind === operation.compareRequeue &&
        read32(memory, address) !== Number(BigInt.asUintN(32, args[5]!))
      )
        return errno.EAGAIN;
      return requeue(call, key, futexKey(kernel, process, args[4]!, isPrivate));
    }
    case operation.wakeOperation: {
      const met = wakeOperation(call, Number(BigInt.asUintN(32, args[5]!)));
      if (typeof met === 'number') return met;
      const woken = wakeFutex(kernel, key, signed32(args[2]!), every);
      const other = futexKey(kernel, process, args[4]!, isPrivate);
      return woken + (met ? wakeFutex(kernel, other, signed32(args[3]!), every) : 0);
    }
    default:
      return countUnsupported(kernel, `futex (operation ${kind})`);
  }
};

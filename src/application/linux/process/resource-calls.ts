import { errno } from '../errno.ts';
import { read64, words64, writeBytes } from '../guest-pointer.ts';
import { type KernelCall, type KernelCallHandler, processTime } from '../kernel.ts';
import type { Process } from '../kernel-state.ts';
import { resourceUsage } from './process-calls.ts';

const infinity = 0xffff_ffff_ffff_ffffn;
const limitCount = 16;
const resource = { stack: 3, processes: 6, openFiles: 7 } as const;

function limitOf(process: Process, which: number): readonly [bigint, bigint] {
  const set = process.limits.get(which);
  if (set) return set;
  switch (which) {
    case resource.stack:
      return [8n << 20n, infinity];
    case resource.processes:
      return [4096n, 4096n];
    case resource.openFiles:
      return [BigInt(process.files.table.limit), 4096n];
    default:
      return [infinity, infinity];
  }
}

function setLimit(call: KernelCall, process: Process, which: number, address: bigint): number {
  const soft = read64(call.memory, address);
  const hard = read64(call.memory, address + 8n);
  if (soft > hard) return errno.EINVAL;
  if (which === resource.openFiles) {
    if (hard > 4096n) return errno.EPERM;
    process.files.table.limit = Number(soft);
  }
  process.limits.set(which, [soft, hard]);
  return 0;
}

function limits(
  call: KernelCall,
  process: Process | undefined,
  which: number,
  set: bigint,
  get: bigint,
): number {
  if (!process) return errno.ESRCH;
  if (which < 0 || which >= limitCount) return errno.EINVAL;
  const old = limitOf(process, which);
  const result = set === 0n ? 0 : setLimit(call, process, which, set);
  if (result === 0 && get !== 0n) writeBytes(call.memory, get, words64(...old));
  return result;
}

const signed = (value: bigint): number => Number(BigInt.asIntN(32, value));

const prlimit64: KernelCallHandler = (call) => {
  const pid = signed(call.args[0]!);
  const process = pid === 0 ? call.process : call.kernel.state.processes.get(pid);
  return limits(call, process, signed(call.args[1]!), call.args[2]!, call.args[3]!);
};

const getrusage: KernelCallHandler = ({ kernel, process, thread, memory, args }) => {
  const who = signed(args[0]!);
  const used = new Map([
    [0, processTime(kernel, process)],
    [-1, process.childrenExecuted],
    [1, thread.executed],
  ]).get(who);
  if (used === undefined) return errno.EINVAL;
  writeBytes(memory, args[1]!, resourceUsage(used));
  return 0;
};

export const resourceCalls: Readonly<Record<string, KernelCallHandler>> = {
  prlimit64,
  getrlimit: (call) => limits(call, call.process, signed(call.args[0]!), 0n, call.args[1]!),
  setrlimit: (call) => limits(call, call.process, signed(call.args[0]!), call.args[1]!, 0n),
  getrusage,
};

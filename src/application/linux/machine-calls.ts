import { errno } from './errno.ts';
import { read64, readBytes, words32, words64, write64, writeBytes } from './guest-pointer.ts';
import type { KernelCallHandler } from './kernel.ts';
import { hostName, kernelRelease, kernelVersion } from './process/process-info.ts';

/** Questions about the machine, and calls that concern its processor. */

const fieldSize = 65;

const uname: KernelCallHandler = ({ memory, args }) => {
  const bytes = new Uint8Array(fieldSize * 6);
  const fields = ['Linux', hostName, kernelRelease, kernelVersion, 'riscv64', '(none)'];
  for (const [index, text] of fields.entries()) bytes.set(new TextEncoder().encode(text), index * fieldSize);
  writeBytes(memory, args[0]!, bytes);
  return 0;
};

const sysinfo: KernelCallHandler = ({ kernel, memory, args, monotonic, info }) => {
  const bytes = new Uint8Array(112);
  bytes.set(words64(monotonic / 1_000_000_000n, 0, 0, 0, info.memoryTotal, info.memoryFree, 0, 0, 0, 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(80, kernel.state.processes.size, true);
  view.setUint32(104, 1, true);
  writeBytes(memory, args[0]!, bytes);
  return 0;
};

const randomLimit = 0x1ff_ffff;

const getrandom: KernelCallHandler = (call) => {
  const flags = call.args[2]!;
  if (flags & ~7n || (flags & 6n) === 6n) return errno.EINVAL;
  const length = call.args[1]! > BigInt(randomLimit) ? randomLimit : Number(call.args[1]!);
  writeBytes(call.memory, call.args[0]!, call.random(Math.min(length, 1 << 20)));
  return Math.min(length, 1 << 20);
};

/** riscv_hwprobe keys (Documentation/arch/riscv/hwprobe.rst): vendor, arch and implementation ids are 0. */
const hardware: ReadonlyMap<bigint, bigint> = new Map([
  [0n, 0n],
  [1n, 0n],
  [2n, 0n],
  // Base behaviour: IMA.
  [3n, 1n],
  // F and D, C, Zba, Zbb, Zbs, Zicond.
  [4n, 1n | 2n | 8n | 16n | 32n | (1n << 35n)],
  // Misaligned scalar accesses are fast.
  [5n, 3n],
]);
const unknownKey = 0xffff_ffff_ffff_ffffn;

const riscv_hwprobe: KernelCallHandler = ({ memory, args }) => {
  const [pairs, count, cpuBytes, cpus, flags] = args as [bigint, bigint, bigint, bigint, bigint];
  if (flags !== 0n || count > 4096n) return errno.EINVAL;
  if (cpus !== 0n) {
    const mask = readBytes(memory, cpus, Number(cpuBytes > 8n ? 8n : cpuBytes));
    if (!mask.some((byte) => byte !== 0)) return errno.EINVAL;
  } else if (cpuBytes !== 0n) return errno.EINVAL;
  for (let at = pairs; at < pairs + count * 16n; at += 16n) {
    const value = hardware.get(read64(memory, at));
    if (value === undefined) write64(memory, at, unknownKey);
    write64(memory, at + 8n, value ?? 0n);
  }
  return 0;
};

/** Code that stores changed is seen without a flush: engines watch stores to code. */
const riscv_flush_icache: KernelCallHandler = ({ args }) => (args[2]! & ~1n ? errno.EINVAL : 0);

const barrierCommands = {
  query: 0,
  global: 1,
  registerPrivate: 16,
  private: 8,
  registerSync: 64,
  sync: 32,
} as const;

/** One thread runs at a time, so every barrier has already happened. */
const membarrier: KernelCallHandler = ({ process, args }) => {
  const { query, ...commands } = barrierCommands;
  const command = Number(BigInt.asIntN(32, args[0]!));
  if (args[1] !== 0n) return errno.EINVAL;
  if (command === query) return Object.values(commands).reduce((all, bit) => all | bit, 0);
  if (command === commands.registerPrivate || command === commands.registerSync) process.membarrier = true;
  else if (command === commands.private || command === commands.sync)
    return process.membarrier ? 0 : errno.EPERM;
  else if (command !== commands.global) return errno.EINVAL;
  return 0;
};

const sethostname: KernelCallHandler = () => errno.EPERM;

export const machineCalls: Readonly<Record<string, KernelCallHandler>> = {
  uname,
  sysinfo,
  getrandom,
  riscv_hwprobe,
  riscv_flush_icache,
  membarrier,
  sethostname,
  setdomainname: sethostname,
  syslog: ({ memory, args }) => {
    if (args[0] === 10n) return 0;
    if (args[1] !== 0n) writeBytes(memory, args[1]!, words32());
    return errno.EPERM;
  },
};

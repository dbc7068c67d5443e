import { errno } from '../errno.ts';
import { read32, readBytes, readCString, words32, write32, writeBytes } from '../guest-pointer.ts';
import type { KernelCall, KernelCallHandler } from '../kernel.ts';
import type { Process } from '../kernel-state.ts';
import { signalCount } from '../signals/signal.ts';
import { countUnsupported } from '../unsupported.ts';

/** Who a process is. The guest has one user, root, with no power over the host. */

const zero: KernelCallHandler = () => 0;
const signed = (value: bigint): number => Number(BigInt.asIntN(32, value));

const threeZeros: KernelCallHandler = ({ memory, args }) => {
  for (const pointer of args.slice(0, 3)) write32(memory, pointer, 0);
  return 0;
};

/** Changing identity: to root, or -1 for "as it is"; there is no other user. */
const setIdentity: KernelCallHandler = ({ args }) =>
  args.slice(0, 1).every((id) => [0, -1].includes(signed(id))) ? 0 : errno.EPERM;

const processNamed = (call: KernelCall, value: bigint): Process | undefined => {
  const pid = signed(value);
  return pid === 0 ? call.process : call.kernel.state.processes.get(pid);
};

const setpgid: KernelCallHandler = (call) => {
  const target = processNamed(call, call.args[0]!);
  const group = signed(call.args[1]!);
  if (group < 0) return errno.EINVAL;
  if (!target || (target !== call.process && target.parent !== call.pid)) return errno.ESRCH;
  if (target.session === target.pid) return errno.EPERM;
  const wanted = group === 0 ? target.pid : group;
  const exists = [...call.kernel.state.processes.values()].some(
    (process) => process.group === wanted && process.session === target.session,
  );
  if (wanted !== target.pid && !exists) return errno.EPERM;
  target.group = wanted;
  return 0;
};

const setsid: KernelCallHandler = ({ process }) => {
  if (process.group === process.pid) return errno.EPERM;
  process.group = process.session = process.pid;
  return process.pid;
};

const prctlOption = {
  setDeathSignal: 1,
  getDeathSignal: 2,
  getDumpable: 3,
  setDumpable: 4,
  setName: 15,
  getName: 16,
  getSeccomp: 21,
  capabilityRead: 23,
  setTimerSlack: 29,
  getTimerSlack: 30,
  setSubreaper: 36,
  getSubreaper: 37,
  setNoNewPrivileges: 38,
  getNoNewPrivileges: 39,
  getTidAddress: 40,
  setMemoryName: 0x5356_4d41,
} as const;

const prctl: KernelCallHandler = (call) => {
  const { process, thread, memory, args, kernel } = call;
  const [option, value] = [signed(args[0]!), args[1]!];
  switch (option) {
    case prctlOption.setDeathSignal:
      if (value > BigInt(signalCount)) return errno.EINVAL;
      process.parentDeathSignal = Number(value);
      return 0;
    case prctlOption.getDeathSignal:
      write32(memory, value, process.parentDeathSignal);
      return 0;
    case prctlOption.getDumpable:
      return process.dumpable;
    case prctlOption.setDumpable:
      if (value > 1n) return errno.EINVAL;
      process.dumpable = Number(value);
      return 0;
    case prctlOption.setName: {
      const bytes = readCString(memory, value, 4096) ?? readBytes(memory, value, 15);
      thread.name = new TextDecoder().decode(bytes.subarray(0, 15));
      return 0;
    }
    case prctlOption.getName: {
      const name = new Uint8Array(16);
      name.set(new TextEncoder().encode(thread.name).subarray(0, 15));
      writeBytes(memory, value, name);
      return 0;
    }
    case prctlOption.getSeccomp:
      return 0;
    case prctlOption.capabilityRead:
      return value > 40n ? errno.EINVAL : 0;
    case prctlOption.setTimerSlack:
      return 0;
    case prctlOption.getTimerSlack:
      return 50_000;
    case prctlOption.setSubreaper:
      process.subreaper = value !== 0n;
      return 0;
    case prctlOption.getSubreaper:
      write32(memory, value, process.subreaper ? 1 : 0);
      return 0;
    case prctlOption.setNoNewPrivileges:
      if (value !== 1n) return errno.EINVAL;
      process.noNewPrivileges = true;
      return 0;
    case prctlOption.getNoNewPrivileges:
      return process.noNewPrivileges ? 1 : 0;
    // A kernel built without CONFIG_ANON_VMA_NAME says EINVAL; allocators then go on without names.
    case prctlOption.setMemoryName:
      return errno.EINVAL;
    default:
      countUnsupported(kernel, `prctl (option ${option})`);
      return errno.EINVAL;
  }
};

const capabilityVersions = new Map([
  [0x1998_0330, 1],
  [0x2007_1026, 2],
  [0x2008_0522, 2],
]);

const capget: KernelCallHandler = ({ memory, args }) => {
  const count = capabilityVersions.get(read32(memory, args[0]!));
  if (count === undefined) {
    write32(memory, args[0]!, 0x2008_0522);
    return args[1] === 0n ? 0 : errno.EINVAL;
  }
  if (args[1] !== 0n) writeBytes(memory, args[1]!, words32(...new Array<number>(count * 3).fill(0)));
  return 0;
};

const getgroups: KernelCallHandler = ({ memory, args }) => {
  if (signed(args[0]!) < 0) return errno.EINVAL;
  if (signed(args[0]!) > 0) write32(memory, args[1]!, 0);
  return 1;
};

export const identityCalls: Readonly<Record<string, KernelCallHandler>> = {
  getpid: ({ pid }) => pid,
  gettid: ({ tid }) => tid,
  getppid: ({ process }) => process.parent,
  getuid: zero,
  geteuid: zero,
  getgid: zero,
  getegid: zero,
  getresuid: threeZeros,
  getresgid: threeZeros,
  setuid: setIdentity,
  setgid: setIdentity,
  setreuid: setIdentity,
  setregid: setIdentity,
  setresuid: setIdentity,
  setresgid: setIdentity,
  setfsuid: zero,
  setfsgid: zero,
  getgroups,
  setgroups: ({ args }) => (signed(args[0]!) > 65_536 ? errno.EINVAL : 0),
  getpgid: (call) => processNamed(call, call.args[0]!)?.group ?? errno.ESRCH,
  getsid: (call) => processNamed(call, call.args[0]!)?.session ?? errno.ESRCH,
  setpgid,
  setsid,
  prctl,
  capget,
  capset: zero,
  personality: ({ args }) =>
    BigInt.asUintN(32, args[0]!) === 0xffff_ffffn || args[0] === 0n ? 0 : errno.EINVAL,
};

import { errno } from '../errno.ts';
import { cloneProcessFiles } from '../files/descriptors.ts';
import { readBytes, write32 } from '../guest-pointer.ts';
import {
  createMachine,
  type Kernel,
  type KernelCall,
  type KernelCallHandler,
  machineOf,
  monotonic,
} from '../kernel.ts';
import type { Process, Space, Thread } from '../kernel-state.ts';
import { copySpace } from '../memory/mapping.ts';
import { clearReservation, register, setX } from '../registers.ts';
import { defaultAction, handlerDefault, handlerIgnore, signalCount } from '../signals/signal.ts';

/** clone(2), clone3: new threads and processes. */

const flag = {
  vm: 0x100,
  files: 0x400,
  sighand: 0x800,
  pidfd: 0x1000,
  vfork: 0x4000,
  thread: 0x1_0000,
  newNamespaces: 0x7e02_0000,
  setTls: 0x8_0000,
  parentSetTid: 0x10_0000,
  childClearTid: 0x20_0000,
  childSetTid: 0x100_0000,
} as const;
const clearSignalHandlers = 0x1_0000_0000n;
const threadLimit = 4096;
/** Each process has an address space of its own in the host. */
const processLimit = 32;

interface Wanted {
  readonly flags: number;
  readonly clearHandlers: boolean;
  readonly exitSignal: number;
  readonly stack: bigint;
  readonly parentTid: bigint;
  readonly childTid: bigint;
  readonly tls: bigint;
}

function newThread(call: KernelCall, wanted: Wanted, tid: number, pid: number): Thread {
  const { thread } = call;
  const cpu = thread.cpu.slice();
  clearReservation(cpu);
  setX(cpu, register.a0, 0n);
  if (wanted.stack !== 0n) setX(cpu, register.sp, wanted.stack);
  if (wanted.flags & flag.setTls) setX(cpu, register.tp, wanted.tls);
  const ownStack = (wanted.flags & flag.vm) !== 0 && (wanted.flags & flag.vfork) === 0;
  return {
    ...thread,
    tid,
    pid,
    cpu,
    call: undefined,
    pending: [],
    restoreMask: undefined,
    altStack: ownStack ? { base: 0n, size: 0n, flags: 2 } : { ...thread.altStack },
    clearChildTid: wanted.flags & flag.childClearTid ? Number(wanted.childTid) : 0,
    robustList: 0n,
    executed: 0,
    stopped: false,
    vforkChild: 0,
  };
}

/** The child's address space: the parent's own (CLONE_VM) or a copy. */
function childSpace(kernel: Kernel, process: Process, shares: boolean): number {
  if (shares) return process.space;
  const from = kernel.state.spaces.get(process.space)!;
  const number = kernel.state.nextSpace++;
  const space: Space = { ...from, number };
  const machine = createMachine(kernel);
  const { memory } = machineOf(kernel, process);
  copySpace(from, memory, machine.memory);
  // Copying is not an access.
  for (const copied of [memory, machine.memory]) copied.takeAccesses();
  kernel.machines.set(number, machine);
  kernel.state.spaces.set(number, space);
  return number;
}

function newProcess(call: KernelCall, wanted: Wanted, pid: number): Process {
  const { kernel, process } = call;
  return {
    ...process,
    pid,
    parent: process.pid,
    space: childSpace(kernel, process, (wanted.flags & flag.vm) !== 0),
    threads: [pid],
    files: cloneProcessFiles(kernel.fileSystem, process.files),
    actions: process.actions.map((action) =>
      wanted.clearHandlers && action.handler !== handlerIgnore && action.handler !== handlerDefault
        ? defaultAction
        : action,
    ),
    pending: [],
    ended: undefined,
    report: undefined,
    exitSignal: wanted.exitSignal,
    started: monotonic(kernel),
    executed: 0,
    childrenExecuted: 0,
    timers: new Map(),
    limits: new Map(process.limits),
    parentDeathSignal: 0,
  };
}

function cloneWith(call: KernelCall, wanted: Wanted): number {
  const { kernel, process, thread, memory } = call;
  const { state } = kernel;
  const { flags } = wanted;
  if (flags & flag.thread && (!(flags & flag.sighand) || !(flags & flag.vm))) return errno.EINVAL;
  if (flags & flag.sighand && !(flags & flag.vm)) return errno.EINVAL;
  if (wanted.exitSignal > signalCount) return errno.EINVAL;
  if (flags & flag.newNamespaces) return errno.EPERM;
  if (flags & flag.pidfd) return errno.EINVAL;
  if (state.threads.size >= threadLimit) return errno.EAGAIN;
  const makesThread = (flags & flag.thread) !== 0;
  if (!makesThread && state.processes.size >= processLimit) return errno.EAGAIN;
  const tid = state.nextId++;
  const child = makesThread ? process : newProcess(call, wanted, tid);
  const started = newThread(call, wanted, tid, child.pid);
  if (makesThread) process.threads = [...process.threads, tid];
  else state.processes.set(tid, child);
  state.threads.set(tid, started);
  state.queue = [...state.queue, tid];
  if (flags & flag.parentSetTid) write32(memory, wanted.parentTid, tid);
  if (flags & flag.childSetTid) {
    const word = Uint8Array.of(tid, tid >> 8, tid >> 16, tid >> 24);
    machineOf(kernel, child).memory.write(Number(wanted.childTid), word);
  }
  if (flags & flag.vfork && !makesThread) thread.vforkChild = tid;
  return tid;
}

/** RISC-V's argument order: flags, stack, parent_tid, tls, child_tid (CONFIG_CLONE_BACKWARDS). */
export const clone: KernelCallHandler = (call) => {
  const [flags, stack, parentTid, tls, childTid] = call.args as [bigint, bigint, bigint, bigint, bigint];
  return cloneWith(call, {
    flags: Number(flags & 0xffff_ff00n),
    clearHandlers: false,
    exitSignal: Number(flags & 0xffn),
    stack,
    parentTid,
    tls,
    childTid,
  });
};

export const clone3: KernelCallHandler = (call) => {
  const size = call.args[1]!;
  if (size < 64n || size > 4096n) return size > 4096n ? errno.E2BIG : errno.EINVAL;
  const bytes = readBytes(call.memory, call.args[0]!, Number(size));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (index: number) => (index * 8 < bytes.length ? view.getBigUint64(index * 8, true) : 0n);
  // Setting process ids and cgroups is not for this guest; unknown trailing fields must be zero.
  for (let index = 8; index * 8 + 8 <= bytes.length; index++) if (word(index) !== 0n) return errno.EINVAL;
  if ((word(0) & 0xffn) !== 0n || word(4) > 64n) return errno.EINVAL;
  if ((word(5) === 0n) !== (word(6) === 0n)) return errno.EINVAL;
  return cloneWith(call, {
    flags: Number(word(0) & 0xffff_ffffn),
    clearHandlers: (word(0) & clearSignalHandlers) !== 0n,
    childTid: word(2),
    parentTid: word(3),
    exitSignal: Number(word(4)),
    stack: word(5) + word(6),
    tls: word(7),
  });
};

import { errno } from '../errno.ts';
import { usable32, words32, write32, writeBytes, words64 } from '../guest-pointer.ts';
import { type KernelCall, type KernelCallHandler, processTime } from '../kernel.ts';
import type { Process } from '../kernel-state.ts';
import { cause, childChanged, encodeInfo } from '../signals/signal.ts';
import { clone, clone3 } from './clone.ts';
import { endProcess, endThread, reap } from './end-process.ts';
import { execve, execveat } from './exec.ts';
import { futex } from './futex.ts';

const exit: KernelCallHandler = ({ kernel, process, thread, args }) => {
  endThread(kernel, process, thread, Number(args[0]! & 0xffn));
  return 'no-result';
};

const exit_group: KernelCallHandler = ({ kernel, process, args }) => {
  endProcess(kernel, process, { code: Number(args[0]! & 0xffn), signal: 0 }, '');
  return 'no-result';
};

const option = {
  noHang: 1,
  stopped: 2,
  exited: 4,
  continued: 8,
  noWait: 0x100_0000,
  anyKinds: 0xe000_0000,
} as const;

/** The status word of wait4 (wait(2)). */
function statusOf({ ended, report }: Process): number {
  if (ended) return ended.signal ? ended.signal : ended.code << 8;
  return report?.kind === 'stopped' ? (report.signal << 8) | 0x7f : 0xffff;
}

/** A child with something to tell; the wait outcome when there is none yet. */
function findChild(call: KernelCall, matches: (child: Process) => boolean, options: number) {
  const { kernel, process } = call;
  const children = [...kernel.state.processes.values()].filter(
    (child) => child.parent === process.pid && matches(child),
  );
  if (children.length === 0) return errno.ECHILD;
  const found = children.find(
    ({ ended, report }) =>
      (ended && options & option.exited) ||
      (report?.kind === 'stopped' && options & option.stopped) ||
      (report?.kind === 'continued' && options & option.continued),
  );
  if (found) return found;
  return options & option.noHang ? 0 : { wait: 'a child' };
}

/** struct rusage: user time first, the rest zero. */
export const resourceUsage = (nanoseconds: number): Uint8Array =>
  words64(
    Math.floor(nanoseconds / 1e9),
    Math.floor((nanoseconds % 1e9) / 1000),
    ...new Array<number>(16).fill(0),
  );

const wait4: KernelCallHandler = (call) => {
  const { kernel, args, process, memory } = call;
  const pid = Number(BigInt.asIntN(32, args[0]!));
  const options = Number(BigInt.asUintN(32, args[2]!));
  if (options & ~(1 | 2 | 8 | option.anyKinds)) return errno.EINVAL;
  const matches = (child: Process) =>
    pid > 0 ? child.pid === pid : pid === -1 || child.group === (pid === 0 ? process.group : -pid);
  const child = findChild(call, matches, options | option.exited);
  if (typeof child === 'number' || 'wait' in child) return child;
  if (args[1] !== 0n) write32(memory, args[1]!, statusOf(child));
  if (args[3] !== 0n)
    writeBytes(memory, args[3]!, resourceUsage(processTime(kernel, child) + child.childrenExecuted));
  if (child.ended) reap(kernel, child);
  else child.report = undefined;
  return child.pid;
};

const idKind = { all: 0, pid: 1, group: 2 } as const;

const waitid: KernelCallHandler = (call) => {
  const { kernel, args, process, memory } = call;
  const [kind, id] = [Number(args[0]!), Number(BigInt.asIntN(32, args[1]!))];
  const options = Number(BigInt.asUintN(32, args[3]!));
  if (kind > idKind.group || !(options & (2 | 4 | 8))) return errno.EINVAL;
  const matches = (child: Process) =>
    kind === idKind.all || (kind === idKind.pid ? child.pid === id : child.group === (id || process.group));
  const child = findChild(call, matches, options);
  if (child === 0 && args[2] !== 0n) writeBytes(memory, args[2]!, new Uint8Array(128));
  if (typeof child === 'number' || 'wait' in child) return child;
  const { ended, report } = child;
  const info = ended
    ? childChanged(
        ended.signal ? cause.childKilled : cause.childExited,
        child.pid,
        ended.signal || ended.code,
      )
    : childChanged(
        report?.kind === 'stopped' ? cause.childStopped : cause.childContinued,
        child.pid,
        report?.signal ?? 0,
      );
  if (args[2] !== 0n) writeBytes(memory, args[2]!, encodeInfo(info));
  if (options & option.noWait) return 0;
  if (ended) reap(kernel, child);
  else child.report = undefined;
  return 0;
};

const set_tid_address: KernelCallHandler = ({ thread, args }) => {
  thread.clearChildTid = Number(args[0]!);
  return thread.tid;
};

const robustHeadSize = 24n;

const set_robust_list: KernelCallHandler = ({ thread, args }) => {
  if (args[1] !== robustHeadSize) return errno.EINVAL;
  thread.robustList = args[0]!;
  return 0;
};

const get_robust_list: KernelCallHandler = ({ kernel, thread, memory, args }) => {
  const tid = Number(BigInt.asIntN(32, args[0]!));
  const owner = tid === 0 ? thread : kernel.state.threads.get(tid);
  if (!owner) return errno.ESRCH;
  writeBytes(memory, args[1]!, words64(owner.robustList));
  writeBytes(memory, args[2]!, words64(robustHeadSize));
  return 0;
};

/** Without restartable sequences glibc and others take their slower path; no program depends on them. */
const rseq: KernelCallHandler = ({ memory, args }) =>
  usable32(memory, args[0]!) ? errno.ENOSYS : errno.EFAULT;

const getcpu: KernelCallHandler = ({ memory, args }) => {
  for (const pointer of [args[0]!, args[1]!]) if (pointer !== 0n) writeBytes(memory, pointer, words32(0));
  return 0;
};

export const processCalls: Readonly<Record<string, KernelCallHandler>> = {
  clone,
  clone3,
  execve,
  execveat,
  exit,
  exit_group,
  wait4,
  waitid,
  futex,
  set_tid_address,
  set_robust_list,
  get_robust_list,
  rseq,
  getcpu,
};

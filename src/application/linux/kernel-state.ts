/**
 * The state of the guest's operating system, as plain data: a structured clone is a snapshot, and its canonical
 * bytes are what the digest covers. Objects refer to one another by number.
 */
import type { AddressSpaceState } from '../../domain/address-space/address-space.ts';
import type { GuestStatus } from '../ports/guest-machine.ts';
import type { FileSystemState, ProcessFiles } from './files/file-system-state.ts';
import type { SignalAction, SignalInfo } from './signals/signal.ts';
import type { IntervalTimer } from './time/timer.ts';

/** An address space: its regions. The bytes are in the engine's memory of the same number. */
export interface Space {
  readonly number: number;
  layout: AddressSpaceState;
  /** Address of the page with the signal return code. */
  trampoline: number;
}

/** A system call that has not ended. */
export interface PendingCall {
  readonly number: number;
  readonly args: readonly bigint[];
  readonly since: bigint;
  progress: number;
  reason: string;
  deadline: bigint | undefined;
  /** Try again at the next occasion. */
  retry: boolean;
  /** The futex it waits on, by key; undefined for other waits, or once woken. */
  futex: { key: string; bitset: number; woken: boolean; readonly order: number } | undefined;
}

export interface Thread {
  readonly tid: number;
  pid: number;
  readonly cpu: Uint8Array;
  call: PendingCall | undefined;
  /** Stopped by job control (SIGSTOP). */
  stopped: boolean;
  /** Waits until the child that borrowed its memory (vfork) has its own, or ended. */
  vforkChild: number;
  blocked: bigint;
  /** The mask to put back when the pending call ends (ppoll, sigsuspend). */
  restoreMask: bigint | undefined;
  pending: SignalInfo[];
  altStack: { base: bigint; size: bigint; flags: number };
  clearChildTid: number;
  robustList: bigint;
  name: string;
  /** Instructions retired. */
  executed: number;
}

export interface Process {
  readonly pid: number;
  parent: number;
  group: number;
  session: number;
  space: number;
  threads: number[];
  files: ProcessFiles;
  actions: SignalAction[];
  pending: SignalInfo[];
  /** Set when the last thread ended; the process is then a zombie until it is waited for. */
  ended: { readonly code: number; readonly signal: number } | undefined;
  /** What `wait` should be told: stopped or continued. */
  report: { readonly kind: 'stopped' | 'continued'; readonly signal: number } | undefined;
  exitSignal: number;
  programPath: string;
  arguments: readonly string[];
  environment: readonly string[];
  auxv: Uint8Array;
  readonly started: bigint;
  /** Instructions retired by threads that ended, and by children that were waited for. */
  executed: number;
  childrenExecuted: number;
  timers: Map<number, IntervalTimer>;
  nextTimer: number;
  limits: Map<number, readonly [soft: bigint, hard: bigint]>;
  dumpable: number;
  subreaper: boolean;
  parentDeathSignal: number;
  noNewPrivileges: boolean;
  membarrier: boolean;
}

export interface KernelState {
  /** Guest time is the instruction count plus this, in nanoseconds: what was slept while nobody ran. */
  skipped: bigint;
  nextId: number;
  nextSpace: number;
  /** Orders futex waiters. */
  nextWait: number;
  /** Numbers shared mappings. */
  nextShared: number;
  randomBlocks: number;
  readonly processes: Map<number, Process>;
  readonly threads: Map<number, Thread>;
  readonly spaces: Map<number, Space>;
  /** Threads in round-robin order; the first one runs. */
  queue: number[];
  /** The instruction count at which the queue was last rotated by the clock. */
  rotatedAt: number;
  files: FileSystemState;
  status: GuestStatus;
  readonly unsupported: Map<string, number>;
}

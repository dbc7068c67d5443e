import type { HashFunction } from '../../domain/shared/digest.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { TranslationProjection } from '../../domain/translation-cache/statistics.ts';
import type { EngineMachine, ExecutionEngine } from '../ports/execution-engine.ts';
import type { GuestMemory } from '../ports/guest-memory.ts';
import type { GuestSetup } from '../ports/guest-machine.ts';
import type { HostSystem } from '../ports/host-system.ts';
import type { TranslationPolicy } from '../ports/translation-policy.ts';
import type { FileSystem } from './files/file-system-state.ts';
import type { Observer } from './observer.ts';
import type { KernelState, PendingCall, Process, Thread } from './kernel-state.ts';
import type { SystemCallContext, SystemCallOutcome } from './system-call.ts';

/** What a Linux machine is built from. */
export interface LinuxParts {
  readonly engine: ExecutionEngine;
  readonly isa: InstructionSet;
  readonly host: HostSystem;
  readonly hash: HashFunction;
  readonly policy?: TranslationPolicy | undefined;
}

/** The guest's operating system at work: its state, and the engines' machines by address space. */
export interface Kernel extends LinuxParts {
  readonly setup: GuestSetup;
  state: KernelState;
  readonly fileSystem: FileSystem;
  readonly machines: Map<number, EngineMachine>;
  readonly observer: Observer;
  readonly translations: TranslationProjection;
  /** Instructions retired by all threads together. */
  icount: number;
  /** Counts what the system does, but for choosing threads and letting time pass: in between, guests only execute instructions. */
  work: number;
}

/** A system call in progress. */
export interface KernelCall extends SystemCallContext {
  readonly pending: PendingCall;
  readonly kernel: Kernel;
  readonly thread: Thread;
  readonly process: Process;
}

/** A handler that needs more of the kernel than files. It may leave the thread without a call (exec, exit, sigreturn). */
export type KernelCallHandler = (call: KernelCall) => SystemCallOutcome | 'no-result';

/** One nanosecond an instruction, plus what was skipped while every thread slept. */
export const monotonic = (kernel: Kernel): bigint => BigInt(kernel.icount) + kernel.state.skipped;

export const realtime = (kernel: Kernel): bigint => BigInt(kernel.setup.epoch) + monotonic(kernel);

export function processOf(kernel: Kernel, thread: Thread): Process {
  const process = kernel.state.processes.get(thread.pid);
  if (!process) throw new Error(`thread ${thread.tid} belongs to no process`);
  return process;
}

export const threadsOf = (kernel: Kernel, process: Process): readonly Thread[] =>
  process.threads.flatMap((tid) => kernel.state.threads.get(tid) ?? []);

export function machineOf(kernel: Kernel, process: Process): EngineMachine {
  const machine = kernel.machines.get(process.space);
  if (!machine) throw new Error(`process ${process.pid} has no address space`);
  return machine;
}

export const memoryOf = (kernel: Kernel, process: Process): GuestMemory => machineOf(kernel, process).memory;

/** Lets every waiting call try again. */
export function wakeCalls(kernel: Kernel): void {
  for (const { call } of kernel.state.threads.values()) if (call && !call.futex) call.retry = true;
}

/** CPU time of a process in nanoseconds: instructions that its threads retired. */
export const processTime = (kernel: Kernel, process: Process): number =>
  threadsOf(kernel, process).reduce((sum, thread) => sum + thread.executed, process.executed);

/** Guest time base of the `time` CSR: 10 MHz. */
const nanosecondsPerTick = 100n;

/** A machine for one address space; its clock reads this kernel's time. */
export function createMachine(kernel: Kernel): EngineMachine {
  const machine = kernel.engine.createMachine({
    isa: kernel.isa,
    memorySize: kernel.setup.memorySize,
    program: kernel.setup.program,
    counters: { timeAt: (icount) => (BigInt(icount) + kernel.state.skipped) / nanosecondsPerTick },
    onTranslation: (event) => kernel.translations.apply(event),
    policy: kernel.policy,
  });
  machine.stops = kernel.observer.stops;
  return machine;
}

/** Deterministic random bytes: SHA-256 of the seed and a counter. */
export function randomBytes(kernel: Kernel, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    const digest = kernel.hash(`isochron random ${kernel.setup.seed} ${kernel.state.randomBlocks++}`);
    for (let index = 0; index < 32 && at + index < length; index++)
      bytes[at + index] = Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

import type { GuestMemory } from '../ports/guest-memory.ts';
import type { HostSystem } from '../ports/host-system.ts';
import type { FileSystem, ProcessFiles } from './files/file-system-state.ts';
import type { ProcessInfo } from './files/process-info.ts';

export type { ProcessFiles } from './files/file-system-state.ts';

/**
 * What a system call did: its result (a negative errno for a failure), or that the thread must wait. A waiting
 * thread's call is made again, with the same arguments, when kernel state changed or `deadline` (guest monotonic
 * nanoseconds) has passed (then with `timedOut`), until it gives a result.
 */
export type SystemCallOutcome =
  number | bigint | { readonly wait: string; readonly deadline?: bigint | undefined };

/** What a call keeps from its first attempt to the one that ends it. Plain data, fresh for every call. */
export interface CallAttempt {
  /** Guest monotonic nanoseconds at the first attempt: relative timeouts count from here. */
  readonly since: bigint;
  /** Bytes transferred by earlier attempts. A signal ends a call that has made progress with this as its result. */
  progress: number;
}

/** What a system call's handler may touch. */
export interface SystemCallContext {
  /** The six argument registers, as unsigned 64-bit patterns. */
  readonly args: readonly bigint[];
  readonly memory: GuestMemory;
  readonly host: HostSystem;
  readonly fileSystem: FileSystem;
  readonly files: ProcessFiles;
  readonly info: ProcessInfo;
  readonly pid: number;
  readonly tid: number;
  /** Guest monotonic and wall-clock time, nanoseconds. */
  readonly monotonic: bigint;
  readonly realtime: bigint;
  readonly timedOut: boolean;
  readonly attempt: CallAttempt;
  /** Deterministic random bytes from the machine's seed. */
  random(length: number): Uint8Array;
  /** Tells the scheduler that waiting calls may now succeed. */
  changed(): void;
  /** Posts a signal to the calling thread (SIGPIPE). */
  raise(signal: number): void;
  /** Blocks exactly these signals (bit n-1 is signal n) until the call ends: ppoll, pselect6, epoll_pwait. */
  blockSignals(mask: bigint): void;
}

export type SystemCallHandler = (context: SystemCallContext) => SystemCallOutcome;

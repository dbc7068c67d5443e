import type { GuestMemory } from '../ports/guest-memory.ts';
import type { HostSystem } from '../ports/host-system.ts';
import type { FileSystem, FileTable } from './files/file-system.ts';

/**
 * What a system call did: its result (a negative errno for a failure), or that the thread must wait. A waiting
 * thread's call is made again, with the same arguments, when kernel state changed or `deadline` (guest monotonic
 * nanoseconds) has passed (then with `timedOut`), until it gives a result.
 */
export type SystemCallOutcome = number | bigint | { readonly wait: string; readonly deadline?: bigint | undefined };

/** What file system calls see of the process that makes them. Plain data, so that it can be snapshotted. */
export interface ProcessFiles {
  table: FileTable;
  workingDirectory: string;
  umask: number;
}

/** What a system call's handler may touch. */
export interface SystemCallContext {
  /** The six argument registers, as unsigned 64-bit patterns. */
  readonly args: readonly bigint[];
  readonly memory: GuestMemory;
  readonly host: HostSystem;
  readonly fileSystem: FileSystem;
  readonly files: ProcessFiles;
  readonly pid: number;
  readonly tid: number;
  /** Guest monotonic and wall-clock time, nanoseconds. */
  readonly monotonic: bigint;
  readonly realtime: bigint;
  readonly timedOut: boolean;
  /** Deterministic random bytes from the machine's seed. */
  random(length: number): Uint8Array;
  /** Tells the scheduler that waiting calls may now succeed. */
  changed(): void;
  /** Posts a signal to the calling thread (SIGPIPE). */
  raise(signal: number): void;
}

export type SystemCallHandler = (context: SystemCallContext) => SystemCallOutcome;

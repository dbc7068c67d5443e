import type { ProcessFiles } from './file-system-state.ts';

/** What /proc shows of one process. */
export interface ProcessView {
  readonly pid: number;
  readonly parent: number;
  readonly processGroup: number;
  readonly session: number;
  /** PR_SET_NAME of the main thread, at most 15 bytes. */
  readonly name: string;
  readonly state: 'R' | 'S' | 'T' | 'Z';
  readonly programPath: string;
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly threads: readonly number[];
  readonly files: ProcessFiles;
  /** Guest monotonic nanoseconds at its start; CPU time used so far, nanoseconds. */
  readonly started: bigint;
  readonly cpuTime: bigint;
  /** Mapped address space and memory in use, bytes. */
  readonly virtualSize: number;
  readonly residentSize: number;
  /** Signal sets: pending, blocked, ignored, caught; bit n-1 is signal n. */
  readonly signals: {
    readonly pending: bigint;
    readonly blocked: bigint;
    readonly ignored: bigint;
    readonly caught: bigint;
  };
  /** The text of /proc/<pid>/maps. */
  maps(): string;
  /** The auxiliary vector as it lies on the initial stack. */
  auxv(): Uint8Array;
}

/** What the files under /proc and /sys say about the machine and its processes. */
export interface ProcessInfo {
  readonly processorCount: number;
  /** Guest memory, bytes. */
  readonly memoryTotal: number;
  readonly memoryFree: number;
  readonly hostName: string;
  /** As uname gives them. */
  readonly kernelRelease: string;
  readonly kernelVersion: string;
  processes(): readonly number[];
  process(pid: number): ProcessView | undefined;
}

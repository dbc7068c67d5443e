import type { ProgramImage } from './program-image.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import type { Slot } from '../../domain/ir/types.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { Halt, Observation } from './guest-event.ts';
import type { TranslationStatistics } from '../../domain/translation-cache/statistics.ts';
import type { GuestMemory } from './guest-memory.ts';

/** How a guest stands. `signal` is Linux's number; `deadlocked`: every thread waits for something that cannot come. */
export type GuestStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly reason: string }
  | { readonly kind: 'deadlocked'; readonly reason: string };

export interface ThreadView {
  readonly id: number;
  readonly state: 'running' | 'runnable' | 'blocked' | 'stopped';
  readonly process: number;
  readonly name: string;
  /** Instructions it has retired. */
  readonly executed: number;
  /** What it waits for, when blocked. */
  readonly waitingFor?: string;
  /** The vCPU state block, laid out by `isa.layout`. */
  readonly cpu: Uint8Array;
}

export interface ProcessView {
  readonly id: number;
  /** The guest's path of its program. */
  readonly programPath: string;
  readonly arguments: readonly string[];
  /** The auxiliary vector, as the program got it. */
  readonly auxv: Uint8Array;
}

export interface MemoryRegionView {
  readonly start: number;
  readonly end: number;
  readonly permissions: number;
  readonly name: string;
}

/** Everything a machine is, at one instruction count. `state` is opaque plain data (structured-cloneable). */
export interface MachineSnapshot {
  readonly icount: number;
  readonly state: unknown;
  /** Contents by page number; all other pages are zero. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** What is made of all pages, at the cost of those that changed since the last one. */
export type PageReader = 'digest' | 'snapshot' | 'image';

/** What a snapshot has, with pages left where they are: it holds until the machine goes on. */
export interface MachineImage {
  /** Tells this image from any other. */
  readonly id: symbol;
  /** The image before it that `isUntouched` speaks of, where there is one. */
  readonly before: symbol | undefined;
  readonly icount: number;
  readonly state: unknown;
  /** The numbers of the pages that are not zero, in ascending order. */
  readonly pages: readonly number[];
  /** Whether nothing can have changed a page since the image `before`. */
  isUntouched(page: number): boolean;
  /** Writes 8 words to `into` that are equal for equal contents of a page, and different for others. */
  mark(page: number, into: Uint32Array): void;
  /** A page's contents, where they are. */
  read(page: number): Uint8Array;
}

/** A guest with its operating system, on some engine: advances deterministically, asking the host for what lies outside. */
export interface GuestMachine {
  readonly isa: InstructionSet;
  readonly engine: string;
  readonly icount: number;
  readonly status: GuestStatus;
  /** The memory of the process whose turn it is. */
  readonly memory: GuestMemory;
  readonly statistics: TranslationStatistics;
  /** System calls answered ENOSYS because they are not implemented: name (or number) to count. */
  readonly unsupported: ReadonlyMap<string, number>;
  /**
   * Runs until exactly `until` instructions have retired (all threads together), the guest ends, or `observation` has seen
   * what it waits for. Observing changes nothing in the run.
   */
  advance(until: number, observation?: Observation): Halt | undefined;
  /** How many pages may have changed since the last digest, snapshot or image: what the next one will cost. */
  changedPages(since: PageReader): number;
  /** A canonical digest of all guest-visible state: registers of every thread, kernel state, memory contents. */
  digest(): Digest;
  snapshot(): MachineSnapshot;
  image(): MachineImage;
  restore(snapshot: MachineSnapshot): void;
  threads(): readonly ThreadView[];
  /** Changes a register of a thread that is there. */
  setRegister(thread: number, slot: Slot, value: bigint): void;
  /** The process that a thread (default: the one whose turn it is) belongs to. */
  process(thread?: number): ProcessView;
  memoryOf(thread?: number): GuestMemory;
  regions(thread?: number): readonly MemoryRegionView[];
}

/** What determines a run, apart from the host's replies. */
export interface GuestSetup {
  readonly program: ProgramImage;
  /** The guest's name for the program (argv[0] and /proc/self/exe). */
  readonly programPath: string;
  /** What follows argv[0]. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly mounts: readonly { readonly guest: string; readonly readOnly: boolean }[];
  readonly seed: string;
  /** Guest wall-clock time at instruction 0, nanoseconds since 1970, decimal. */
  readonly epoch: string;
  readonly memorySize: number;
}

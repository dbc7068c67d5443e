import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { KnownEffects } from '../effects/known-effects.ts';
import type { SymbolTable } from '../inspection/symbols.ts';
import type { GuestEvent, GuestEventKind } from '../ports/guest-event.ts';
import type { AccessKind, RegisterWatch } from '../ports/stops.ts';
import type { Control } from '../control.ts';
import type { GuestStatus, MemoryRegionView, ProcessView, ThreadView } from '../ports/guest-machine.ts';
import type { RecordingEnd } from '../recording/recording-end.ts';

export interface TravelRequest {
  readonly recording: string;
  readonly engine?: string | undefined;
  /** Bytes of states kept in memory to start from; default 512 MiB. */
  readonly memoryBudget?: number | undefined;
}

/** Events to look for: any of those named. */
export interface Search {
  /** Instructions about to execute, by address. */
  readonly breakpoints?: readonly bigint[] | undefined;
  /** Accesses to memory, by instructions and by the system. */
  readonly memory?: readonly WatchedRange[] | undefined;
  /** Accesses to registers, by instructions, and writes by the system: results of system calls, signals. */
  readonly registers?: readonly RegisterWatch[] | undefined;
  readonly events?: readonly Exclude<GuestEventKind, 'breakpoint' | 'watchpoint'>[] | undefined;
  /** Only those of this thread, or of this process. */
  readonly thread?: number | undefined;
  readonly process?: number | undefined;
  /** Looking back: from this instant, not from the cursor. */
  readonly before?: number | undefined;
  /** Instructions to look through at most; all there are by default. */
  readonly limit?: number | undefined;
  /** Whether an event counts, judged in the midst of it: a breakpoint's instruction is to come, an access is done. */
  readonly where?: ((event: GuestEvent, moment: Moment) => boolean) | undefined;
}

/** What a fork changed at an instant. */
export interface ForkEdits {
  readonly icount: number;
  readonly edits: readonly Edit[];
}

export interface WatchedRange {
  readonly access: AccessKind | 'any';
  readonly address: bigint;
  /** Bytes, at least 1. */
  readonly length: number;
}

/** How a step is made. */
export interface StepControl extends Control {
  /** What ends it early. */
  readonly until?: Search | undefined;
}

/** Whether a step came where it was to go; or the event that ended it early, at which the cursor stands as after a search. */
export type StepResult = boolean | GuestEvent;

/** A guest's state, to be read only. */
export type Moment = Pick<TravelSession, 'registers' | 'memory'>;

/**
 * A cursor in a recording that goes anywhere, in both directions. Laws: what is seen at an instant is what a straight
 * run shows after as many instructions; nothing is changed by looking. Where a `signal` aborts, the cursor stays where
 * it came to.
 */
export interface TravelSession {
  readonly recording: string;
  /** The instants there are: 0 to `last`, the last one at which the guest is there. */
  readonly last: number;
  readonly end: RecordingEnd;
  readonly icount: number;
  readonly isa: InstructionSet;
  readonly status: GuestStatus;
  /** States in memory that the cursor can start from, and their bytes. */
  readonly materialised: { readonly count: number; readonly bytes: number };
  /** The thread whose turn it is. */
  readonly currentThread: number;
  /** Goes to an instruction count. Throws `instant-out-of-range`. */
  seek(icount: number, signal?: AbortSignal): Promise<void>;
  /** Goes `count` instructions on, all threads together, no further than the last instant; gives how many it went. */
  step(count?: number, signal?: AbortSignal): Promise<number>;
  /** Goes `count` instructions back, no further than instruction 0; gives how many it went. */
  reverseStep(count?: number, signal?: AbortSignal): Promise<number>;
  /**
   * Goes on to the next event: to the instant of a breakpoint, or right after anything else; to the last instant (or the limit)
   * where there is none. A breakpoint at the cursor is passed, where the
   * current thread stands at it or it was just found.
   */
  next(search: Search, control?: Control): Promise<GuestEvent | undefined>;
  /** Goes back to right before the event before the cursor; to instruction 0 (or the limit) where there is none. */
  previous(search: Search, control?: Control): Promise<GuestEvent | undefined>;
  /** A thread’s next instruction (default: the current one’s); the others do what they did meanwhile. False: the end came first. */
  stepThread(thread?: number, control?: StepControl): Promise<StepResult>;
  /** Back over a thread’s last instruction. False: it has none. */
  reverseStepThread(thread?: number, control?: StepControl): Promise<StepResult>;
  /** A thread’s next instruction and, where that is a call, all until it returned. False: the end came first. */
  stepOver(thread?: number, control?: StepControl): Promise<StepResult>;
  /** Goes on to where the function that the thread is in has returned. False: the end came first. */
  finish(thread?: number, control?: StepControl): Promise<StepResult>;
  /** Back over the thread’s last instruction or, where that was a return, back to its call. False: nothing was before. */
  reverseNext(thread?: number, control?: StepControl): Promise<StepResult>;
  /** Back to the call of the function that the thread is in. False: none is known, and the cursor is at the beginning. */
  reverseFinish(thread?: number, control?: StepControl): Promise<StepResult>;
  /**
   * Stands in the midst of an instant, where a breakpoint was met: what belongs to the instruction there and comes before it (a turn, a
   * signal’s delivery) is done, so that the thread’s pc is the breakpoint’s. Moving on leaves it.
   */
  within(breakpoint: GuestEvent, signal?: AbortSignal): Promise<void>;
  threads(): readonly ThreadView[];
  /** The process that a thread (default: the current one) belongs to. */
  process(thread?: number): ProcessView;
  /** The pc that a thread has. */
  pc(thread?: number): bigint;
  /** Every slot of a thread's state (default: the current one's), by name; undefined for a thread that is not there. */
  registers(thread?: number): ReadonlyMap<string, bigint> | undefined;
  /**
   * The bytes in the memory of a thread (default: the current one), whatever their permissions; undefined where not all of the
   * range is mapped.
   */
  memory(address: bigint, length: number, thread?: number): Uint8Array | undefined;
  regions(thread?: number): readonly MemoryRegionView[];
  /** The symbols of the program that was recorded. */
  symbols(): Promise<SymbolTable>;
  /** What the forks of a branch changed, in order: the state at their instants is the changed one. */
  readonly edits: readonly ForkEdits[];
  /** What the recording's index knows; empty where there is none. */
  readonly effects: KnownEffects;
  /** Digest of all that the guest could see. */
  digest(): Digest;
}

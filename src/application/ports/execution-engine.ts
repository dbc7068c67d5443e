import type { MemoryFault } from '../../domain/ir/evaluator.ts';
import type { TrapCause } from '../../domain/ir/node.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';
import type { TranslationCacheEvent } from '../../domain/translation-cache/events.ts';
import type { CacheOccupancy } from '../../domain/translation-cache/statistics.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { ProgramImage } from './program-image.ts';
import type { Stops, WatchedAccess } from './stops.ts';
import type { TranslationPolicy } from './translation-policy.ts';

/**
 * Why an engine stopped. After `limit`, `syscall`, `watchpoint`: pc is the next instruction. After `trap`, `fault`, `breakpoint`:
 * the instruction that did not execute.
 */
export type Stop =
  | { readonly reason: 'limit' }
  | { readonly reason: 'syscall' }
  | { readonly reason: 'trap'; readonly cause: TrapCause }
  | { readonly reason: 'fault'; readonly fault: MemoryFault }
  | { readonly reason: 'breakpoint' }
  | {
      readonly reason: 'watchpoint';
      /** Of the instruction that made them. */
      readonly pc: bigint;
      readonly accesses: readonly WatchedAccess[];
    };

/** Supplies what the counter CSRs read. Both are pure functions of the instruction count. */
export interface CounterSource {
  /** Guest time in ticks of the ISA's time base, when `icount` instructions have retired. */
  timeAt(icount: number): bigint;
}

/**
 * One guest address space and the vCPU that runs in it. The scheduler multiplexes threads by copying their
 * state blocks in and out of `cpu` (`isa.layout` says how it lies).
 */
export interface EngineMachine {
  readonly memory: GuestMemory;
  readonly cpu: Uint8Array;
  /** Instructions retired since the machine was created; advanced by `run`, settable to restore a snapshot. */
  icount: number;
  /** Where `run` stops early; at first nowhere. Not to be set while it runs. */
  stops: Stops;
  /** Runs until exactly `until` instructions have retired in all, or an earlier stop. */
  run(until: number): Stop;
  /** The system wrote registers, by their slots' names, of the thread that runs there: watchpoints see that. */
  systemWrote(registers: readonly string[]): void;
  /** What its translation cache holds now. */
  readonly occupancy: CacheOccupancy;
}

export interface EngineMachineOptions {
  readonly isa: InstructionSet;
  /** Bytes of guest address space, a multiple of 64 KiB, at most 4 GiB. */
  readonly memorySize: number;
  /** The program that begins there, where it is known: an engine may have kept what it learned of it. */
  readonly program?: ProgramImage;
  readonly counters: CounterSource;
  /** Told what happens to translated code; never of translated code that merely runs. */
  readonly onTranslation?: (event: TranslationCacheEvent) => void;
  /** What an engine with tiers asks when to use which; by default its own. */
  readonly policy?: TranslationPolicy | undefined;
}

/** Executes guest code. Every engine passes `test/contract/execution-engine.ts`. */
export interface ExecutionEngine {
  readonly name: string;
  /** How it runs on this host, in a few words, where that depends on the host. */
  readonly onThisHost?: () => string;
  createMachine(options: EngineMachineOptions): EngineMachine;
}

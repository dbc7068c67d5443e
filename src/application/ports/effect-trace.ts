import type { Decoded } from '../../domain/isa/instruction-set.ts';
import type { GuestFactory } from './guest-factory.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { AccessKind } from './stops.ts';

/** What an instruction did with a register: a slot of the state layout, by name. */
export interface RegisterEffect {
  readonly access: AccessKind;
  readonly register: string;
  readonly before: bigint;
  readonly after: bigint;
}

/** What was done with bytes of memory, as they were before and after. */
export interface MemoryEffect {
  readonly access: AccessKind;
  readonly address: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface RetiredInstruction {
  /** Instructions retired before it. */
  readonly icount: number;
  readonly pc: bigint;
  readonly decoded: Decoded;
  readonly registers: readonly RegisterEffect[];
  readonly memory: readonly MemoryEffect[];
}

export interface SystemAccess extends Omit<MemoryEffect, 'after'> {
  /** The memory that the bytes lie in. */
  readonly memory: GuestMemory;
  /** The bytes as they are when it is called. */
  readonly now: () => Uint8Array;
}

/**
 * Follows what guests do, step by step, in order. Law: between `suspended` and `resumed` only the system acts, and then memory
 * and registers change without an instruction.
 */
export interface EffectListener {
  /** Whether it wants to be told now. */
  readonly listens: boolean;
  /** A thread goes on; `cpu` is its vCPU state, live. */
  resumed(icount: number, cpu: Uint8Array): void;
  retired(instruction: RetiredInstruction): void;
  /** A thread does not go on for now. */
  suspended(cpu: Uint8Array): void;
  /** The system reads bytes, or is about to change them. */
  systemAccess(access: SystemAccess): void;
}

/** Guests that tell all they do to whoever `listener` gives by then, slowly. */
export type TracedGuests = (listener: () => EffectListener | undefined) => GuestFactory;

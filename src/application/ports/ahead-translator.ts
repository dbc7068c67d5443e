import type { GuestSetup } from './guest-machine.ts';

export interface AheadWork {
  readonly setup: GuestSetup;
  /** Where code begins that is to be translated, the most wanted first. */
  readonly addresses: readonly number[];
  /** Threads that work at once, at most. */
  readonly jobs: number;
  /** Aborting lets each thread finish what it has begun; that is kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** How many addresses had which outcome; those that were not come to have none. */
export interface AheadOutcome {
  /** Translated, and kept for later runs. */
  readonly translated: number;
  /** Of those, with optimised machine code. */
  readonly optimised: number;
  /** Kept, and optimised, before. */
  readonly known: number;
  /** Nothing that can be translated lies there when the program begins. */
  readonly without: number;
}

/** Translates code of a program that does not run yet, and keeps it for runs to begin with. */
export interface AheadTranslator {
  translate(work: AheadWork): Promise<AheadOutcome>;
}

/** Gives it; undefined where there is no place to keep what it makes. */
export type OpenAheadTranslator = () => Promise<AheadTranslator | undefined>;

import type { Stops, WatchedAccess } from './stops.ts';

/**
 * What happens to a guest between two instants. `icount` is the earlier one: that of the instruction in whose course it
 * happens, before it retired. A thread's signals and the end of its waiting belong to the instruction that comes after them.
 */
export type GuestEvent = {
  readonly icount: number;
  /** The thread it happens to, and its process. */
  readonly thread: number;
  readonly process: number;
  /** Of the instruction; where the system does it, the thread's pc by then. */
  readonly pc: bigint;
} & (
  | { readonly kind: 'breakpoint' }
  | {
      readonly kind: 'watchpoint';
      readonly accesses: readonly WatchedAccess[];
      readonly by: 'instruction' | 'system';
    }
  | { readonly kind: 'system-call'; readonly call: string }
  | { readonly kind: 'signal'; readonly signal: number; readonly name: string }
  /** The turn changes from this thread to another. */
  | { readonly kind: 'thread-switch'; readonly to: number }
);

export type GuestEventKind = GuestEvent['kind'];

/** Someone who watches a guest run. */
export interface Observation {
  /** Breakpoints and watchpoints, in all address spaces. */
  readonly stops: Stops;
  /** The kinds to be told of beside breakpoints and watchpoints. */
  readonly kinds: ReadonlySet<GuestEventKind>;
  /**
   * Told of each event from `stops.from` on, in order, while the guest is in the midst of it. True has the guest stop: at a
   * breakpoint's instant, or at the next instant after anything else.
   */
  see(event: GuestEvent): boolean;
}

/** That a guest stopped because of an event. */
export interface Halt {
  readonly event: GuestEvent;
  /** Whether the guest's state is that of the instant; else some of what belongs to the next instruction is done. */
  readonly exact: boolean;
}

/** How memory or a register is used. */
export type AccessKind = 'read' | 'write';

/** Bytes of guest memory whose accesses are wanted. */
export interface MemoryWatch {
  readonly access: AccessKind | 'any';
  readonly address: number;
  /** Bytes, at least 1. */
  readonly length: number;
}

/** A register (a slot of the ISA's state layout, by name) whose accesses are wanted. */
export interface RegisterWatch {
  readonly access: AccessKind | 'any';
  readonly register: string;
}

/** Where a machine stops beside its limit. Two sets that are the same object are the same. */
export interface Stops {
  /** Breakpoints: addresses of instructions before which it stops. */
  readonly pcs: ReadonlySet<number>;
  /** Watchpoints: it stops after an instruction that accessed any of it. */
  readonly memory: readonly MemoryWatch[];
  readonly registers: readonly RegisterWatch[];
  /** Instructions before this instruction count are passed over. */
  readonly from: number;
}

export const noStops: Stops = { pcs: new Set(), memory: [], registers: [], from: 0 };

/** An access that was made: the bytes are those of the whole access, of which some are watched. */
export type WatchedAccess =
  | { readonly access: AccessKind; readonly address: number; readonly length: number }
  | { readonly access: AccessKind; readonly register: string };

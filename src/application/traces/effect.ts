/** What can be told of a recording’s course, one by one. */
export const effectKinds = [
  'instruction',
  'register-read',
  'register-write',
  'memory-read',
  'memory-write',
  'system-call',
  'signal',
  'thread-switch',
] as const;
export type EffectKind = (typeof effectKinds)[number];

/** Kinds that only guests tell of that are followed instruction by instruction. */
export const tracedKinds: readonly EffectKind[] = effectKinds.slice(0, 5);

/**
 * One thing that an instruction did, or the system in its course. Numbers are unsigned patterns. What the system does on behalf of a
 * call belongs to the instruction that made the call, or where the call had to wait, to the next one of the thread.
 */
export interface Effect {
  readonly kind: EffectKind;
  /** Instructions retired before the instruction that it belongs to. */
  readonly icount: number;
  readonly thread: number;
  readonly process: number;
  readonly pc: bigint;
  readonly by: 'instruction' | 'system';
  /** Of register reads and writes: which. */
  readonly register?: string | undefined;
  /** Of memory reads and writes: where, and how many bytes. */
  readonly address?: bigint | undefined;
  readonly size?: number | undefined;
  /** Of registers, and of up to eight bytes of memory (little-endian). What is read has one value. */
  readonly before?: bigint | undefined;
  readonly after?: bigint | undefined;
  /** Of more bytes: as they are after it. */
  readonly data?: Uint8Array | undefined;
  /** The instruction, and where it lies in the program. */
  readonly text?: string | undefined;
  readonly symbol?: string | undefined;
  /** The system call that is made, or in whose course the system acts. */
  readonly call?: string | undefined;
  /** Of system calls: the six argument registers, and what it returned, where it did so at once. */
  readonly arguments?: readonly bigint[] | undefined;
  readonly result?: bigint | undefined;
  /** The signal that is delivered, or for whose handler the system acts. */
  readonly signal?: string | undefined;
  /** Of thread switches: to which. */
  readonly to?: number | undefined;
}

import type { IrType, Slot, StateLayout } from './types.ts';
import type { OpName } from './ops.ts';

/** Memory ordering of an access, in C++ terms. */
export type Ordering = 'plain' | 'relaxed' | 'acquire' | 'release' | 'acquire-release' | 'sequential';

/** How a value lies in memory. `aligned`: a misaligned address traps; otherwise any address is legal. */
export interface Access {
  readonly endian: 'little' | 'big';
  readonly ordering: Ordering;
  readonly aligned: boolean;
}

/** What an atomic read-modify-write stores, from (old, operand). */
export type RmwOperation = 'swap' | 'add' | 'and' | 'or' | 'xor' | 'minS' | 'maxS' | 'minU' | 'maxU';

/** Traps that an instruction raises by itself; memory accesses raise their own. */
export type TrapCause = 'illegal-instruction' | 'breakpoint' | 'divide-error' | 'invalid-float-operation';

export type Counter = 'cycles' | 'time' | 'instructions';

/** A return-address prediction hint carried by a jump. */
export type JumpHint = 'none' | 'call' | 'return' | 'call-return';

/** The attributes of the ops that have any. */
export interface Attributes {
  instruction: { readonly offset: number; readonly length: number };
  const: { readonly value: bigint };
  pc: { readonly offset: number };
  counter: { readonly counter: Counter };
  read: { readonly slot: Slot };
  write: { readonly slot: Slot };
  load: Access;
  store: Access;
  storeIf: Access;
  rmw: Access & { readonly operation: RmwOperation };
  compareExchange: Access;
  fence: { readonly ordering: Ordering };
  extract: { readonly lsb: number };
  laneInsert: { readonly lane: number };
  trap: { readonly cause: TrapCause };
  trapIf: { readonly cause: TrapCause };
  jump: { readonly hint: JumpHint };
}

/** A reference to the value that a node computes. */
export interface Value<T extends IrType = IrType> {
  readonly id: number;
  readonly type: T;
}

interface NodeOf<Op extends OpName> {
  readonly id: number;
  readonly op: Op;
  readonly type: IrType | 'void';
  readonly args: readonly Value[];
  readonly attr: Op extends keyof Attributes ? Attributes[Op] : undefined;
}

/** One operation, in SSA form: its id is its position in the block, and its arguments have smaller ids. */
export type Node = { [Op in OpName]: NodeOf<Op> }[OpName];
export type NodeWith<Op extends OpName> = Extract<Node, { op: Op }>;

/**
 * A straight run of guest instructions. Every instruction begins with an `instruction` marker; the last node,
 * and only the last, is a terminator. Addresses appear only as `pc` + offset from the first instruction, so
 * that equal bytes give equal blocks wherever they lie.
 */
export interface IrBlock {
  readonly layout: StateLayout;
  readonly nodes: readonly Node[];
  /** Length in bytes of the guest code. */
  readonly length: number;
  readonly instructionCount: number;
}

import type { IrBlock } from '../node.ts';
import type { OpName } from '../ops.ts';

/**
 * What an optimiser may take for granted about the place where a block will run. The defaults take nothing for granted,
 * so that the result means what the block meant to the golden evaluator.
 */
export interface Surroundings {
  /** Ops besides those that may fault at which the engine may leave with the instruction not executed. */
  readonly mayLeave: (op: OpName) => boolean;
  /** Whether what can be written can be read, as the Linux kernel arranges it for RISC-V. */
  readonly writableIsReadable: boolean;
}

export const strictSurroundings: Surroundings = { mayLeave: () => false, writableIsReadable: false };

/** A step of the optimiser. Law: the block it gives means what the block it takes meant, and its time is linear in the block's size. */
export interface Pass {
  readonly name: string;
  readonly summary: string;
  run(block: IrBlock, surroundings: Surroundings): IrBlock;
}

import type { InstructionSet } from '../../domain/isa/instruction-set.ts';

/** Shows the code that an engine makes of guest code, for people to read. */
export interface CodeView {
  /** The engine whose code it is. */
  readonly engine: string;
  /** The engine's code for the block of guest instructions in `code`, which lies at `address`: text, one operation a line. */
  show(isa: InstructionSet, code: Uint8Array, address: bigint): string;
}

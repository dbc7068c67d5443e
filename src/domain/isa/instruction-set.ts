import type { BlockBuilder } from '../ir/builder.ts';
import type { StateLayout } from '../ir/types.ts';

/** A decoded instruction: the row's name, its field values (sign-extended where the field is signed), and its encoding. */
export interface Decoded {
  readonly name: string;
  readonly fields: Readonly<Record<string, number>>;
  /** Length in bytes. */
  readonly length: number;
  /** The encoding, little-endian. */
  readonly bits: bigint;
  /** Builds the instruction's meaning; the caller has begun the instruction with `ir.instruction(length)`. */
  lift(ir: BlockBuilder): void;
}

/** `illegal`: no row matches; `truncated`: more bytes are needed to tell. */
export type DecodeResult = Decoded | 'illegal' | 'truncated';

/** How engines, disassembler and operating system see an ISA. All of it derives from the rows. */
export interface InstructionSet {
  readonly name: 'riscv64' | 'aarch64' | 'x86-64';
  readonly layout: StateLayout;
  /** The longest encoding in bytes, and the alignment that every instruction has. */
  readonly maxLength: number;
  readonly alignment: number;
  /** Decodes the instruction at `bytes[offset…]`; only bytes below `end` (default: the length) exist. */
  decode(bytes: Uint8Array, offset?: number, end?: number): DecodeResult;
  /** Assembly text of a decoded instruction that lies at `address` (targets print as absolute addresses). */
  disassemble(decoded: Decoded, address: bigint): string;
}

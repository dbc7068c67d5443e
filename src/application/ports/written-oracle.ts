/**
 * Oracles for how instructions are written. Assembly is exchanged as the manual has it, in one spelling: no alias, register names of the
 * calling convention, operands separated by `,` alone, targets as addresses in hexadecimal (`beq a0,a1,0x10008`).
 */
interface WrittenOracle {
  /** With its version. */
  readonly name: string;
  /** Why the oracle cannot be asked on this machine; undefined when it can. */
  readonly absent: string | undefined;
  readonly known: readonly KnownSpelling[];
  /** The names of oracles for which each of their `known` has been seen. */
  readonly knownFor: readonly string[];
}

/** Says what encodings mean as assembly, without sharing code with us. */
export interface Disassembler extends WrittenOracle {
  /**
   * The text of each encoding (2 or 4 bytes, least significant first), as if it lay at `address`; undefined where it is no
   * instruction. Throws OracleFault when the oracle itself fails.
   */
  disassemble(encodings: readonly Uint8Array[], address: bigint): readonly (string | undefined)[];
}

/** Says how assembly is encoded, without sharing code with us. */
export interface Assembler extends WrittenOracle {
  /** The bytes of each line as if it lay at `address`; undefined where it is refused. Throws OracleFault when the oracle itself fails. */
  assemble(lines: readonly AssemblyLine[], address: bigint): readonly (Uint8Array | undefined)[];
}

export interface AssemblyLine {
  readonly text: string;
  /** Whether the instruction is one of 16 bits. */
  readonly compressed: boolean;
}

/** A way in which an oracle is known to differ from us. */
export interface KnownSpelling {
  /** Why we are right, or both, with the manual's section. */
  readonly why: string;
  /**
   * Whether a difference is this one. `ours`, `theirs`: the texts of a disassembly, undefined where there is no instruction; of an
   * assembler, the encodings in hexadecimal, undefined where the line is refused. `text`: the instruction as we write it.
   */
  covers(ours: string | undefined, theirs: string | undefined, text: string): boolean;
  /** Encodings that show it. */
  readonly examples: readonly number[];
}

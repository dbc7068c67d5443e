/** One instruction on one state: a state block as the ISA's layout says it lies. */
export interface OracleCase {
  readonly code: Uint8Array;
  readonly cpu: Uint8Array;
  /** The contents of the oracle's memory window before the instruction. */
  readonly memory: Uint8Array;
}

/**
 * What became of it. `jumped`: control went to `codeAddress + jumpDistance`, or to `target`; `called`: the environment was, which is no part of the
 * outcome; `trapped`: nothing changed, and Linux sent `signal`.
 */
export interface OracleOutcome {
  readonly kind: 'completed' | 'jumped' | 'called' | 'trapped';
  readonly signal?: number;
  /** Where a jump went, of an oracle that sees any. */
  readonly target?: bigint;
  /** Slots that the oracle does not show (the pc, reservations) are as in the case. */
  readonly cpu: Uint8Array;
  readonly memory: Uint8Array;
}

/** A fault of an oracle that is known. */
export interface KnownDifference {
  /** The instructions that show it. */
  readonly row: RegExp;
  /** Why the oracle is wrong, with the manual's section. */
  readonly why: string;
  /** A case that shows it. */
  readonly example: OracleCase;
  /** Whether a difference found is this one. */
  applies(ours: OracleOutcome, theirs: OracleOutcome, asked: OracleCase): boolean;
}

/** Says what an instruction does without sharing code with us. */
export interface Oracle {
  /** With its version. */
  readonly name: string;
  /** Why the oracle cannot be asked on this machine; undefined when it can. */
  readonly absent: string | undefined;
  /** Where instructions lie, the readable and writable window, and how far a jump must go to be seen; undefined: any jump is. */
  readonly codeAddress: bigint;
  readonly memoryAddress: bigint;
  readonly memorySize: number;
  readonly jumpDistance: number | undefined;
  /** Slots that the oracle needs for itself: cases must not name their registers, which are zero. */
  readonly reservedSlots: readonly string[];
  /** Extensions (RISC-V names, lower case) that the oracle does not know. */
  readonly lacks: readonly string[];
  /** Whether the oracle can be asked about calls of the environment. */
  readonly showsCalls: boolean;
  readonly known: readonly KnownDifference[];
  /** The names of oracles for which each of their `known` has been seen. */
  readonly knownFor: readonly string[];
  /** Runs the cases in order. Throws OracleFault when the oracle itself fails. */
  run(cases: readonly OracleCase[]): readonly OracleOutcome[];
}

export class OracleFault extends Error {
  override readonly name = 'OracleFault';
  readonly code = 'oracle-failed';
  readonly context: Readonly<Record<string, string | number>>;

  constructor(message: string, context: Readonly<Record<string, string | number>>, cause?: unknown) {
    super(message, { cause });
    this.context = context;
  }
}

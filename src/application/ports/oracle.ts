/** One instruction on one state. Slots are named as in the ISA's state layout; those not given are zero. */
export interface OracleCase {
  readonly code: Uint8Array;
  readonly state: ReadonlyMap<string, bigint>;
  /** The contents of the oracle's memory window before the instruction. */
  readonly memory: Uint8Array;
}

/** What became of it. `jumped`: control went to `codeAddress + jumpDistance`; `trapped`: nothing changed, and Linux sent `signal`. */
export interface OracleOutcome {
  readonly kind: 'completed' | 'jumped' | 'trapped';
  readonly signal?: number;
  readonly state: ReadonlyMap<string, bigint>;
  readonly memory: Uint8Array;
}

/** Says what an instruction does without sharing code with us. */
export interface Oracle {
  readonly name: string;
  /** Why the oracle cannot be asked on this machine; undefined when it can. */
  readonly absent: string | undefined;
  /** Where instructions lie, the readable and writable window, and how far a jump must go to be seen. */
  readonly codeAddress: bigint;
  readonly memoryAddress: bigint;
  readonly memorySize: number;
  readonly jumpDistance: number;
  /** Slots that the oracle needs for itself: cases must not name their registers. */
  readonly reservedSlots: readonly string[];
  /** Extensions (RISC-V names, lower case) that the oracle does not know. */
  readonly lacks: readonly string[];
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

/** A question in SMT-LIB 2: declarations and assertions, without `check-sat`. */
export interface SolverQuery {
  readonly script: string;
  /** Bit-vector constants whose values are wanted when there is a model. */
  readonly values: readonly string[];
}

/** Never mixed: no model exists; here is one; the solver gave up; time ran out. */
export type SolverVerdict =
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'satisfiable'; readonly values: ReadonlyMap<string, bigint> }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'timeout' };

/** Decides formulas. Questions are answered one after the other. */
export interface Solver {
  /** With its version. */
  readonly name: string;
  /** Throws SolverFault when the solver fails or does not understand the question. */
  check(query: SolverQuery, timeoutMs: number): Promise<SolverVerdict>;
  close(): Promise<void>;
}

export class SolverFault extends Error {
  override readonly name = 'SolverFault';
  readonly code = 'solver-failed';
  readonly context: Readonly<Record<string, string>>;

  constructor(message: string, context: Readonly<Record<string, string>>, cause?: unknown) {
    super(message, { cause });
    this.context = context;
  }
}

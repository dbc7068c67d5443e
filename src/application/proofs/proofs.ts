import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { ExecutedSubject } from './executed-subject.ts';
import type { ProofOutcome } from './prove-equivalence.ts';

/** What a proof is asked of. */
export type ProofSubject =
  /** An optimiser rule by its name, or `rules` for all. */
  | { readonly kind: 'rule'; readonly name: string }
  /** An instruction's two definitions: a compressed form and what it abbreviates. Others: as decoded, and optimised. */
  | { readonly kind: 'instruction'; readonly name: string }
  /** A block of guest code that lies at an address. */
  | { readonly kind: 'code'; readonly code: Uint8Array; readonly address: bigint }
  | ExecutedSubject;

export interface ProveRequest {
  readonly subjects: readonly ProofSubject[];
  /** Milliseconds for each proof; default {@link defaultProofTime}. */
  readonly timeoutMs?: number | undefined;
  /** The solver to ask, `z3`, `cvc5` or `wasm`; default: the fastest that there is. */
  readonly solver?: string | undefined;
  /** Prove again what is recorded as proved. */
  readonly again?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ProofProgress) => void) | undefined;
}

export interface ProofProgress {
  readonly what: 'executing' | 'proving';
  readonly done: number;
  readonly total?: number | undefined;
}

export type ProofStatus = ProofOutcome['kind'];

/** One claim and what is known of it. */
export interface Proof {
  /** Which rule, instruction or block. */
  readonly claim: string;
  readonly subject: ProofSubject['kind'];
  readonly status: ProofStatus;
  /** The solver, or `equal terms`; why a solver gave up. */
  readonly by: string | undefined;
  /** Proved in an earlier run. */
  readonly recalled: boolean;
  /** It has floating-point operations, which proofs take for any functions. */
  readonly float: boolean;
  readonly listing: readonly string[];
  /** A state that refutes the claim, as a line that `verify --case` runs. */
  readonly case: string | undefined;
  readonly differences: readonly DivergentField[];
  readonly milliseconds: number;
}

export interface ProveResult {
  readonly solver: string;
  readonly proofs: readonly Proof[];
  /** Whether every claim was tried. */
  readonly complete: boolean;
}

/** Proofs over one store. Rejects with ProofError, SolverFault and the store's faults. */
export interface Proofs {
  /** Names of rules and instructions. */
  readonly rules: readonly string[];
  readonly instructions: readonly string[];
  prove(request: ProveRequest): Promise<ProveResult>;
}

export const defaultProofTime = 10_000;

export type ProofErrorCode = 'unknown-subject' | 'invalid-code' | 'damaged-block';

/** A proof cannot be tried: what, where, and what to do is the message. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly code: ProofErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: ProofErrorCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.code = code;
    this.context = context;
  }
}

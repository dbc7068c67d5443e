/** One difference between what was expected and what was found; values are printed, 64-bit ones as `0x…`. */
export interface DivergentField {
  /** `register a0`, `pc`, `memory 0x12340`, `host request`, `kernel state`, `digest`, `status`, `instruction count`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Where two executions of one recording part. Both agreed when `agreedAt` instructions had retired, and differ at
 * `differsAt`; when those are one apart, `instruction` is the one that did it.
 */
export interface DivergenceReport {
  readonly agreedAt: number;
  readonly differsAt: number;
  /** Who expected and who found: `recording`, or an engine's name. */
  readonly expectedBy: string;
  readonly foundBy: string;
  readonly fields: readonly DivergentField[];
  /** The first differing instruction, where bisection could name it. */
  readonly instruction?: { readonly pc: string; readonly bytes: string; readonly text: string };
  /** The event that said otherwise: its revision in the recording's stream, and its type. */
  readonly event?: { readonly revision: number; readonly type: string };
  /** One sentence: what differs, where, and what that means. */
  readonly summary: string;
}

import type { Control } from '../control.ts';
import type { EffectKind } from './effect.ts';

/** Which of a recording’s effects are wanted. */
export interface TraceRequest extends Control {
  /** A recording, or a branch as `recording/branch`. */
  readonly recording: string;
  /** The first instant, and the one before which it ends; default: all there are. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Default: all. */
  readonly kinds?: readonly EffectKind[] | undefined;
  /** Of memory accesses, only those to any of these bytes. */
  readonly memory?: { readonly address: bigint; readonly length: number } | undefined;
}

import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { Control } from '../control.ts';
import type { RecordingEnd } from '../recording/recording-end.ts';

export interface DiffRequest extends Control {
  /** Two histories: recordings, or branches as `recording/branch`. */
  readonly left: string;
  readonly right: string;
  /** The instant at which registers and memory are compared; default: the last one that both have. */
  readonly at?: number | undefined;
  readonly engine?: string | undefined;
}

export interface DiffSide {
  readonly recording: string;
  readonly icount: number;
  readonly end: RecordingEnd;
}

/** An instruction that a thread is about to execute. */
export interface PlaceInCode {
  readonly thread: number;
  readonly pc: string;
  readonly text: string;
  readonly symbol: string | undefined;
}

/** The first thing by which the two were told something else, or changed. */
export type Cause =
  | { readonly kind: 'setup'; readonly fields: readonly DivergentField[] }
  | {
      readonly kind: 'edits';
      readonly icount: number;
      readonly recording: string;
      readonly edits: readonly Edit[];
    }
  | {
      readonly kind: 'reply';
      readonly icount: number;
      /** The call that was answered, and its event in each of the two; undefined where one did not ask. */
      readonly left: { readonly call: string; readonly revision: number } | undefined;
      readonly right: { readonly call: string; readonly revision: number } | undefined;
    };

export interface FirstDifference {
  /** Equal there; -1: not even at the beginning. */
  readonly agreedAt: number;
  readonly differsAt: number;
  /** The instruction in between; undefined where an edit, or the setup, made the difference. */
  readonly instruction: PlaceInCode | undefined;
  readonly fields: readonly DivergentField[];
  /** Whether no difference can have come before it, and gone. */
  readonly exact: boolean;
}

/** Where the two go different ways: both had come the same way to `icount`, and stand at different instructions there. */
export interface Parting {
  readonly icount: number;
  readonly left: PlaceInCode;
  readonly right: PlaceInCode;
  /** Whether they cannot have gone different ways before, and met again. */
  readonly exact: boolean;
}

export interface RegisterDifference {
  readonly thread: number;
  readonly register: string;
  readonly left: bigint;
  readonly right: bigint;
}

/** Bytes of memory that differ, but for short runs in between. */
export interface MemoryDifference {
  readonly process: number;
  readonly address: number;
  readonly length: number;
  readonly region: string;
  /** The first bytes of each. */
  readonly left: Uint8Array;
  readonly right: Uint8Array;
}

export interface StateDifference {
  readonly icount: number;
  readonly registers: readonly RegisterDifference[];
  readonly memory: readonly MemoryDifference[];
  /** Bytes that differ in all. */
  readonly bytes: number;
  /** Threads that only one of them has. */
  readonly onlyLeft: readonly number[];
  readonly onlyRight: readonly number[];
}

export interface SystemCallAt {
  readonly icount: number;
  readonly thread: number;
  readonly call: string;
}

/** System calls made from the first difference on. */
export interface CallDifference {
  readonly left: number;
  readonly right: number;
  /** How many were the same, in the same order, before the first other one. */
  readonly same: number;
  readonly first:
    { readonly left: SystemCallAt | undefined; readonly right: SystemCallAt | undefined } | undefined;
}

/** What was written to one stream from the first difference on, where it differs: lines, without those that begin and end both. */
export interface OutputDifference {
  readonly to: 'stdout' | 'stderr';
  readonly left: readonly string[];
  readonly right: readonly string[];
}

export interface DiffResult {
  readonly left: DiffSide;
  readonly right: DiffSide;
  readonly cause: Cause | undefined;
  /** Undefined where the states are equal as far as both go. */
  readonly first: FirstDifference | undefined;
  readonly parting: Parting | undefined;
  readonly state: StateDifference | undefined;
  readonly calls: CallDifference | undefined;
  readonly output: readonly OutputDifference[];
}

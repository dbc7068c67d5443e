import type { Digest } from '../../domain/shared/digest.ts';
import type { Edit } from '../../domain/virtual-machine/edit.ts';
import type { Control, OutputSink } from '../control.ts';
import type { RecordingEnd } from '../recording/recording-end.ts';

export interface ForkRequest extends Control {
  /** What to depart from: a recording, or one of its branches as `recording/branch`. */
  readonly recording: string;
  /** The instruction count to depart at. */
  readonly at: number;
  /** The branch's name; default: `fork-1` and so on. */
  readonly branch?: string | undefined;
  readonly edits: readonly Edit[];
  readonly engine?: string | undefined;
  /** Stop once exactly this many instructions have retired, those before the fork included. */
  readonly maxInstructions?: number | undefined;
  /** Receives what the guest writes from the fork on. */
  readonly output?: OutputSink | undefined;
}

export interface ForkResult {
  /** The branch as a history: `recording/branch`. */
  readonly recording: string;
  readonly parent: string;
  /** Where it departs. */
  readonly at: number;
  readonly engine: string;
  readonly icount: number;
  readonly end: RecordingEnd;
  /** Digest of the final state; undefined where the guest was left without an answer, within an instruction. */
  readonly digest: Digest | undefined;
  readonly chain: Digest;
  /** Events of the branch itself. */
  readonly events: number;
  /** What the guest asked the outside for that the parent was not told, in words; undefined where it ended otherwise. */
  readonly unanswered: string | undefined;
  /** Edits of inputs that the guest never asked for. */
  readonly unused: readonly Edit[];
  readonly unsupported: Readonly<Record<string, number>>;
}

/** A branch of a recording, as its events say. */
export interface BranchSummary {
  readonly branch: string;
  /** Undefined for the branch that was recorded. */
  readonly parent: string | undefined;
  readonly forkedAt: number | undefined;
  readonly edits: readonly Edit[];
  readonly icount: number;
  readonly end: RecordingEnd;
  /** Events of its own. */
  readonly events: number;
}

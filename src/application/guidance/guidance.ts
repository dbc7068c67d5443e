import type { PromotionModel } from '../../domain/guidance/promotion-model.ts';
import type { ProfileState } from '../../domain/profile/profile.ts';
import type { Digest } from '../../domain/shared/digest.ts';
import type { AheadOutcome, AheadWork } from '../ports/ahead-translator.ts';

/** What decides which code is translated when: a counter, one whose limit adapts, the profile of earlier runs, or a trained model. */
export const guidanceKinds = ['counter', 'adaptive', 'profile', 'learned'] as const;
export type GuidanceKind = (typeof guidanceKinds)[number];

export interface ProfileRequest {
  readonly recording: string;
  /** Aborting stops at the next slice boundary. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly icount: number; readonly total: number }) => void) | undefined;
  /** Stop at this instruction count (default: the recording's end). */
  readonly until?: number | undefined;
}

export interface ProfileResult {
  readonly recording: string;
  readonly program: Digest;
  /** Instructions that were counted. */
  readonly instructions: number;
  /** Blocks that were entered often enough to be in the profile. */
  readonly blocks: number;
  /** False when it was stopped before; then nothing is stored. */
  readonly complete: boolean;
}

export type TakenProfile = Extract<ProfileState, { status: 'taken' }>;

/** How often a model is right about blocks, 0 to 1. */
export interface Accuracy {
  /** On what it was trained from. */
  readonly trained: number;
  /** On each program by a model trained from the others; undefined with one program. */
  readonly crossValidated: number | undefined;
  /** Of always giving the more frequent answer. */
  readonly baseline: number;
}

export interface TrainingResult {
  readonly model: PromotionModel;
  readonly accuracy: Accuracy;
}

export interface TranslateRequest {
  /** The ELF image. */
  readonly program: Uint8Array;
  /** The guest's name for the program, absolute. */
  readonly programPath: string;
  /** Bytes of guest address space, which later runs must have as well. Default: that of runs. */
  readonly memorySize?: number | undefined;
  /** Translate what was entered that often in the profiled runs, or oftener. */
  readonly entries?: number | undefined;
  /** Threads that work at once (default 1). */
  readonly jobs?: number | undefined;
  /** Aborting lets each thread finish what it has begun; that is kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: AheadWork['onProgress'];
}

export interface TranslateResult extends AheadOutcome {
  readonly program: Digest;
  /** Hot blocks, at each of which a region begins. */
  readonly blocks: number;
  /** False when it was stopped before. */
  readonly complete: boolean;
}

/** Profiles of programs, and models trained from them. Faults reject with a GuidanceError or RecordingError. */
export interface Guidance {
  /** Counts how often a recording's blocks are entered, and adds that to the profile of its program. */
  profile(request: ProfileRequest): Promise<ProfileResult>;
  /** The profile of a program; undefined when there is none. */
  profileOf(program: Digest): Promise<TakenProfile | undefined>;
  /** Translates what a program's profile calls hot, and keeps it for later runs to begin with. */
  translate(request: TranslateRequest): Promise<TranslateResult>;
  /** The programs that have a profile. */
  profiled(): Promise<readonly Digest[]>;
  /** Forgets a program's profile; false when it had none. */
  forget(program: Digest): Promise<boolean>;
  /** Trains a model from all profiles. */
  train(): Promise<TrainingResult>;
}

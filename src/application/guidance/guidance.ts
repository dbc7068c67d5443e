import type { PromotionModel } from '../../domain/guidance/promotion-model.ts';
import type { ProfileState } from '../../domain/profile/profile.ts';
import type { Digest } from '../../domain/shared/digest.ts';

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

/** Profiles of programs, and models trained from them. Faults reject with a GuidanceError or RecordingError. */
export interface Guidance {
  /** Counts how often a recording's blocks are entered, and adds that to the profile of its program. */
  profile(request: ProfileRequest): Promise<ProfileResult>;
  /** The profile of a program; undefined when there is none. */
  profileOf(program: Digest): Promise<TakenProfile | undefined>;
  /** The programs that have a profile. */
  profiled(): Promise<readonly Digest[]>;
  /** Forgets a program's profile; false when it had none. */
  forget(program: Digest): Promise<boolean>;
  /** Trains a model from all profiles. */
  train(): Promise<TrainingResult>;
}

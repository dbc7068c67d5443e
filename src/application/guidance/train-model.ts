import { fitLogistic, type Observation } from '../../domain/guidance/logistic-regression.ts';
import {
  inputNames,
  inputsOf,
  probability,
  type PromotionInput,
  type PromotionModel,
} from '../../domain/guidance/promotion-model.ts';
import type { ProfiledBlock } from '../../domain/profile/events.ts';
import { entriesOf, firstMilestone, milestoneFactor, usualPays } from '../../domain/profile/profile.ts';
import type { TrainingResult } from './guidance.ts';
import { GuidanceError } from './guidance-error.ts';

interface Sample {
  readonly input: PromotionInput;
  readonly outcome: boolean;
}

/** One sample a milestone of a block before it pays: what was known then, and whether it came to pay. */
const samplesOf = (block: ProfiledBlock): readonly Sample[] =>
  block.milestones.flatMap((now, index) => {
    const { features, firstSeen } = block;
    const entries = firstMilestone * milestoneFactor ** index;
    if (entries >= usualPays) return [];
    return [{ input: { features, entries, firstSeen, now }, outcome: entriesOf(block) >= usualPays }];
  });

/** Trains a model from the profiles of programs, one list each. Throws `not-enough-profiles`. */
export function trainModel(programs: readonly (readonly ProfiledBlock[])[]): TrainingResult {
  const samples = programs.map((blocks) => blocks.flatMap(samplesOf));
  const all = samples.flat();
  const paying = all.filter(({ outcome }) => outcome).length;
  if (paying === 0 || paying === all.length)
    throw new GuidanceError(
      'not-enough-profiles',
      `the profiles have ${all.length} samples, of which ${paying} came to pay: both kinds are needed; profile longer or other recordings`,
      { samples: all.length, paying },
    );
  const model = modelFrom(all, programs.length);
  return {
    model,
    accuracy: {
      trained: accuracyOf(model, all),
      crossValidated: programs.length < 2 ? undefined : crossValidated(samples),
      baseline: Math.max(paying, all.length - paying) / all.length,
    },
  };
}

function modelFrom(samples: readonly Sample[], programs: number): PromotionModel {
  const observations = samples.map(({ input, outcome }): Observation => ({
    inputs: inputsOf(input),
    outcome,
  }));
  const { bias, means, scales, coefficients } = fitLogistic(observations);
  return {
    kind: 'isochron promotion model',
    version: 1,
    pays: usualPays,
    samples: samples.length,
    programs,
    bias,
    inputs: inputNames.map((name, index) => ({
      name,
      mean: means[index]!,
      scale: scales[index]!,
      coefficient: coefficients[index]!,
    })),
  };
}

const accuracyOf = (model: PromotionModel, samples: readonly Sample[]): number =>
  samples.filter(({ input, outcome }) => probability(model, input) >= 0.5 === outcome).length /
  samples.length;

/** The share of all samples that models trained without the sample's program are right about. */
function crossValidated(programs: readonly (readonly Sample[])[]): number {
  let right = 0;
  let total = 0;
  for (const [index, samples] of programs.entries()) {
    if (samples.length === 0) continue;
    const others = programs.toSpliced(index, 1).flat();
    if (others.length === 0) continue;
    right += accuracyOf(modelFrom(others, programs.length - 1), samples) * samples.length;
    total += samples.length;
  }
  return total === 0 ? 0 : right / total;
}

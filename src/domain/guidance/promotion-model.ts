import type { BlockFeatures } from './block-features.ts';

/** A block that the interpreter has entered some times, when it is to be decided whether to translate it. */
export interface PromotionInput {
  readonly features: BlockFeatures;
  /** Times that it was entered. */
  readonly entries: number;
  /** Instructions retired by the machine when it was first entered, and now. */
  readonly firstSeen: number;
  readonly now: number;
}

/** The inputs of the model, in the order of its coefficients; logarithms are to base 2. */
export const inputNames = [
  'log entries',
  'log instructions retired per entry',
  'log instructions retired',
  'log instructions of the block',
  'share of loads',
  'share of stores',
  'share of floating point',
  'backward branch',
  'call',
  'return',
  'indirect jump',
] as const;

export function inputsOf({ features, entries, firstSeen, now }: PromotionInput): readonly number[] {
  const log = (value: number) => Math.log2(Math.max(1, value));
  const share = (count: number) => count / features.instructions;
  return [
    log(entries),
    log((now - firstSeen) / Math.max(1, entries)),
    log(now),
    log(features.instructions),
    share(features.loads),
    share(features.stores),
    share(features.floats),
    features.backward,
    features.calls,
    features.returns,
    features.indirect,
  ];
}

/**
 * A logistic regression: the probability that a block will have been entered `pays` times, so that translating it pays, is
 * 1 / (1 + exp(−(bias + Σ coefficient · (input − mean) / scale))).
 */
export interface PromotionModel {
  readonly kind: 'isochron promotion model';
  readonly version: 1;
  readonly pays: number;
  /** Blocks and programs that it was trained from. */
  readonly samples: number;
  readonly programs: number;
  readonly bias: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly mean: number;
    readonly scale: number;
    readonly coefficient: number;
  }[];
}

export function probability(model: PromotionModel, input: PromotionInput): number {
  const values = inputsOf(input);
  let sum = model.bias;
  model.inputs.forEach(({ mean, scale, coefficient }, index) => {
    sum += (coefficient * (values[index]! - mean)) / scale;
  });
  return 1 / (1 + Math.exp(-sum));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** What is wrong with a model that was read from a file; undefined when nothing is. */
export function modelFault(model: unknown): string | undefined {
  if (!isRecord(model) || model['kind'] !== 'isochron promotion model') return 'it is no promotion model';
  if (model['version'] !== 1) return `its version is ${String(model['version'])}, and this one reads 1`;
  for (const name of ['pays', 'bias', 'samples', 'programs'])
    if (!Number.isFinite(model[name])) return `its ${name} is no number`;
  const inputs = model['inputs'];
  if (!Array.isArray(inputs) || inputs.length !== inputNames.length)
    return `it does not have ${inputNames.length} inputs`;
  for (const [index, input] of (inputs as readonly unknown[]).entries()) {
    const name = inputNames[index]!;
    if (!isRecord(input) || input['name'] !== name) return `its input ${index + 1} is not “${name}”`;
    const { mean, scale, coefficient } = input;
    if (![mean, scale, coefficient].every(Number.isFinite) || scale === 0)
      return `the numbers of its input “${name}” are not all finite, with a scale other than 0`;
  }
  return undefined;
}

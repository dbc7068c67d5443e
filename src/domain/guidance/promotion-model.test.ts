import { describe, expect, test } from '@jest/globals';
import { inputNames, inputsOf, modelFault, probability, type PromotionModel } from './promotion-model.ts';

const features = {
  instructions: 4,
  loads: 1,
  stores: 2,
  floats: 0,
  backward: 1,
  calls: 0,
  returns: 0,
  indirect: 0,
} as const;
const input = { features, entries: 1024, firstSeen: 1000, now: 1000 + 16 * 1024 };
const model: PromotionModel = {
  kind: 'isochron promotion model',
  version: 1,
  pays: 65_536,
  samples: 10,
  programs: 2,
  bias: 0,
  inputs: inputNames.map((name) => ({ name, mean: 0, scale: 1, coefficient: 0 })),
};
const withInput = (index: number, change: object): PromotionModel => ({
  ...model,
  inputs: model.inputs.map((each, at) => (at === index ? { ...each, ...change } : each)),
});

describe('a promotion model', () => {
  test('is given the logarithms and shares that its inputs are named after', () => {
    expect(inputsOf(input)).toEqual([10, 4, Math.log2(17_384), 2, 0.25, 0.5, 0, 1, 0, 0, 0]);
    expect(inputsOf({ ...input, entries: 0, firstSeen: 0, now: 0 }).slice(0, 3)).toEqual([0, 0, 0]);
  });

  test('knows nothing without coefficients, and follows those it has', () => {
    expect(probability(model, input)).toBe(0.5);
    expect(probability(withInput(0, { mean: 8, scale: 2, coefficient: 3 }), input)).toBeCloseTo(
      1 / (1 + Math.exp(-3)),
    );
    expect(probability({ ...model, bias: -50 }, input)).toBeLessThan(1e-9);
  });

  test.each([
    [undefined, 'no promotion model'],
    [{ ...model, kind: 'other' }, 'no promotion model'],
    [{ ...model, version: 2 }, 'version'],
    [{ ...model, pays: '9' }, 'pays'],
    [{ ...model, inputs: [] }, '11 inputs'],
    [withInput(1, { name: 'entropy' }), 'log instructions retired per entry'],
    [withInput(3, { scale: 0 }), 'scale'],
    [withInput(3, { coefficient: null }), 'finite'],
  ])('is refused when it is not one (%#)', (file, why) => {
    expect(modelFault(file)).toContain(why);
  });

  test('is taken when it was written and read again', () => {
    expect(modelFault(JSON.parse(JSON.stringify(model)))).toBeUndefined();
  });
});

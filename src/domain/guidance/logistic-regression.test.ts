import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitLogistic, type Observation } from './logistic-regression.ts';

const observations = fc.array(
  fc.record({
    inputs: fc
      .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 3 }))
      .map(([a, b]) => [a, b]),
    outcome: fc.boolean(),
  }),
  { minLength: 4, maxLength: 60 },
);

/** How the penalised log likelihood changes with each weight: zero where it is greatest. */
function gradientAt(all: readonly Observation[], penalty: number): readonly number[] {
  const { bias, means, scales, coefficients } = fitLogistic(all, penalty);
  const gradient = [0, ...coefficients.map((weight) => -penalty * weight)];
  for (const { inputs, outcome } of all) {
    const row = [1, ...inputs.map((value, index) => (value - means[index]!) / scales[index]!)];
    const sum = row.reduce((total, value, index) => total + value * [bias, ...coefficients][index]!, 0);
    const error = (outcome ? 1 : 0) - 1 / (1 + Math.exp(-sum));
    row.forEach((value, index) => (gradient[index]! += error * value));
  }
  return gradient;
}

describe('logistic regression', () => {
  test('ends where the penalised likelihood is greatest', () => {
    const bothOutcomes = observations.filter(
      (all) => all.some(({ outcome }) => outcome) && all.some(({ outcome }) => !outcome),
    );
    fc.assert(
      fc.property(bothOutcomes, fc.constantFrom(0.5, 1, 10), (all, penalty) => {
        for (const slope of gradientAt(all, penalty)) expect(Math.abs(slope)).toBeLessThan(1e-6);
      }),
    );
  });

  test('finds which input matters', () => {
    const all = Array.from({ length: 200 }, (_, index) => ({
      inputs: [index, (index * 7) % 5, 3],
      outcome: index >= 100,
    }));
    const { coefficients, scales } = fitLogistic(all);
    expect(coefficients[0]).toBeGreaterThan(2);
    expect(Math.abs(coefficients[1]!)).toBeLessThan(0.2);
    // What never varies tells nothing.
    expect([coefficients[2], scales[2]]).toEqual([0, 1]);
  });

  test('gives the same for the same', () => {
    fc.assert(fc.property(observations, (all) => expect(fitLogistic(all)).toEqual(fitLogistic([...all]))));
  });
});

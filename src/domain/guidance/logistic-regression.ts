/** Observations: the inputs of each, and whether what is predicted came true. */
export interface Observation {
  readonly inputs: readonly number[];
  readonly outcome: boolean;
}

export interface Fit {
  readonly bias: number;
  readonly means: readonly number[];
  /** Standard deviations; 1 for an input that never varies. */
  readonly scales: readonly number[];
  readonly coefficients: readonly number[];
}

const iterations = 50;
const tolerance = 1e-9;

/**
 * Fits a logistic regression by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani and Friedman, "The
 * Elements of Statistical Learning", 4.4.1) on standardised inputs, with an L2 penalty, which makes the solution unique. The same
 * observations give the same fit. At least one observation.
 */
export function fitLogistic(observations: readonly Observation[], penalty = 1): Fit {
  const width = observations[0]!.inputs.length;
  const { means, scales } = moments(observations, width);
  const rows = observations.map(({ inputs }) => [
    1,
    ...inputs.map((value, index) => (value - means[index]!) / scales[index]!),
  ]);
  let weights = new Array<number>(width + 1).fill(0);
  for (let round = 0; round < iterations; round++) {
    const step = newtonStep(rows, observations, weights, penalty);
    weights = weights.map((weight, index) => weight + step[index]!);
    if (Math.max(...step.map(Math.abs)) < tolerance) break;
  }
  const [bias = 0, ...coefficients] = weights;
  return { bias, means, scales, coefficients };
}

function moments(observations: readonly Observation[], width: number) {
  const means: number[] = [];
  const scales: number[] = [];
  for (let index = 0; index < width; index++) {
    const values = observations.map(({ inputs }) => inputs[index]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    means.push(mean);
    scales.push(Math.sqrt(variance) || 1);
  }
  return { means, scales };
}

/** The gradient over the Hessian of the penalised log likelihood; the bias is not penalised. */
function newtonStep(
  rows: readonly (readonly number[])[],
  observations: readonly Observation[],
  weights: readonly number[],
  penalty: number,
): readonly number[] {
  const size = weights.length;
  const gradient = weights.map((weight, index) => (index === 0 ? 0 : -penalty * weight));
  const hessian = weights.map((_, row) =>
    weights.map((_, column) => (row === column ? (row === 0 ? tolerance : penalty) : 0)),
  );
  rows.forEach((row, at) => {
    const sum = row.reduce((total, value, index) => total + value * weights[index]!, 0);
    const predicted = 1 / (1 + Math.exp(-sum));
    const error = (observations[at]!.outcome ? 1 : 0) - predicted;
    const curvature = predicted * (1 - predicted);
    for (let i = 0; i < size; i++) {
      gradient[i]! += error * row[i]!;
      for (let j = 0; j < size; j++) hessian[i]![j]! += curvature * row[i]! * row[j]!;
    }
  });
  return solve(hessian, gradient);
}

/** Solves `matrix · x = right` by elimination with partial pivoting; both are overwritten. */
function solve(matrix: number[][], right: number[]): readonly number[] {
  const size = right.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    for (let row = column + 1; row < size; row++) {
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let at = column; at < size; at++) matrix[row]![at]! -= factor * matrix[column]![at]!;
      right[row]! -= factor * right[column]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = right[row]!;
    for (let at = row + 1; at < size; at++) rest -= matrix[row]![at]! * solution[at]!;
    solution[row] = rest / matrix[row]![row]!;
  }
  return solution;
}

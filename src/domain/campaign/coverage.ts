/**
 * What a campaign tried: for each instruction, each class of operand and each outcome, how many cases. Laws: merging
 * is commutative and associative, and what nothing was tried of is absent.
 */
export type Coverage = Readonly<Record<string, ClassCoverage>>;
/** By operand class, then outcome. */
export type ClassCoverage = Readonly<Record<string, OutcomeCounts>>;
export type OutcomeCounts = Readonly<Record<string, number>>;

const merge = <T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  both: (a: T, b: T) => T,
): Readonly<Record<string, T>> => {
  const merged: Record<string, T> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const known = merged[key];
    merged[key] = known === undefined ? value : both(known, value);
  }
  return merged;
};

const mergeOutcomes = (a: OutcomeCounts, b: OutcomeCounts) => merge(a, b, (x, y) => x + y);
const mergeClasses = (a: ClassCoverage, b: ClassCoverage) => merge(a, b, mergeOutcomes);

export const mergeCoverage = (a: Coverage, b: Coverage): Coverage => merge(a, b, mergeClasses);

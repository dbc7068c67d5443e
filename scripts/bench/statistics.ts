/** The middle value; of an even number, the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The geometric mean of positive values. NaN for none. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Quotients of values measured in pairs: `a[n] / b[n]`. */
export function ratio(a: readonly number[], b: readonly number[]): Ratio {
  const quotients = a.map((value, index) => value / b[index]!);
  return { median: median(quotients), least: Math.min(...quotients), most: Math.max(...quotients) };
}

/** The least value that `percent` of the values do not exceed. NaN for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * Error-free transformations on doubles (Knuth, Dekker, Veltkamp). Laws: with no overflow and no underflow of an
 * intermediate, a + b = (a + b rounded) + sumError and a × b = (a × b rounded) + productError, exactly.
 */

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
const [low, high] =
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? ([0, 1] as const) : ([1, 0] as const);
const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

/** Of s = a + b rounded to nearest (TwoSum). */
export function sumError(a: number, b: number, s: number): number {
  const t = s - a;
  return a - (s - t) + (b - t);
}

/** Of p = a × b rounded to nearest (TwoProduct); |a| and |b| below 2^990. */
export function productError(a: number, b: number, p: number): number {
  const at = a * 134217729; // 2^27 + 1
  const ah = at - (at - a);
  const al = a - ah;
  const bt = b * 134217729;
  const bh = bt - (bt - b);
  const bl = b - bh;
  return ah * bh - p + ah * bl + al * bh + al * bl;
}

/** The neighbour of a normal double, above it or below. */
export function neighbour(value: number, upward: boolean): number {
  double[0] = value;
  if (value > 0 === upward) {
    const next = (halves[low]! + 1) | 0;
    halves[low] = next;
    if (next === 0) halves[high]!++;
  } else {
    if (halves[low] === 0) halves[high]!--;
    halves[low]!--;
  }
  return double[0];
}

/** The neighbour of a normal single. */
export function singleNeighbour(value: number, upward: boolean): number {
  single[0] = value;
  singleBits[0]! += value > 0 === upward ? 1 : -1;
  return single[0];
}

/**
 * s + error (s its nearest double) rounded to odd: rounding that to at most 51 bits rounds the exact sum once
 * (Boldo and Melquiond 2008). Only the error's sign matters.
 */
export function roundToOdd(s: number, error: number): number {
  if (error === 0) return s;
  double[0] = s;
  return (halves[low]! & 1) === 1 ? s : neighbour(s, error > 0);
}

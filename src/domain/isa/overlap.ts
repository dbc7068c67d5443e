import type { BitPattern, Exclusion } from './pattern.ts';

/**
 * Decides whether two patterns share a word. Exact: the literal bits either conflict, or are joined and a word is
 * sought that avoids every exclusion of both, branching over the free bits of the first exclusion not yet avoided.
 * Returns such a word, or undefined when there is none.
 */
export function commonWord(a: BitPattern, b: BitPattern): number | undefined {
  if (a.width !== b.width) return undefined;
  if (((a.match ^ b.match) & a.mask & b.mask) !== 0) return undefined;
  return avoid((a.mask | b.mask) >>> 0, (a.match | b.match) >>> 0, [...a.exclusions, ...b.exclusions]);
}

function avoid(fixed: number, word: number, exclusions: readonly Exclusion[]): number | undefined {
  const [first, ...rest] = exclusions;
  if (!first) return word;
  if (((word ^ first.match) & first.mask & fixed) !== 0) return avoid(fixed, word, rest);
  for (let free = first.mask & ~fixed; free !== 0; free &= free - 1) {
    const bit = (free & -free) >>> 0;
    const differing = (first.match & bit) === 0 ? bit : 0;
    const found = avoid((fixed | bit) >>> 0, ((word & ~bit) | differing) >>> 0, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

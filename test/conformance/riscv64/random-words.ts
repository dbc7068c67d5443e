import type { Row } from '../../../src/domain/isa/instruction.ts';
import { matches, scatter } from '../../../src/domain/isa/pattern.ts';

/** A stream of unsigned 32-bit numbers determined by its seed (xorshift32 over a mixed seed). */
export function randomNumbers(seed: number): () => number {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** A word of the row with random fields. */
export function randomWordOf(row: Row, random: () => number): number {
  for (;;) {
    let word = row.encoding.match;
    for (const field of row.encoding.fields) word |= scatter(field, random());
    if (matches(row.encoding, word >>> 0)) return word >>> 0;
  }
}

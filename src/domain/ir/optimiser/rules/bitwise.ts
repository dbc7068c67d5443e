import { rule } from '../rule.ts';
import { and, bx, by, constant, eq, num, or, type Term, xor } from '../term.ts';

/** Boolean algebra, bit by bit, of every width from one bit on. */
const [c, d] = [constant('c', 'B'), constant('d', 'B')];
const zero = num(0, 'B');
const ones = num(-1, 'B');
const complement = (term: Term) => xor(term, ones);

// prettier-ignore
export const bitwise = [
  // c op x = x op c
  rule('and-constant-right', and(c, bx), and(bx, c)),
  rule('or-constant-right', or(c, bx), or(bx, c)),
  rule('xor-constant-right', xor(c, bx), xor(bx, c)),
  // x & 0 = 0, x & −1 = x
  rule('and-zero', and(bx, zero), zero),
  rule('and-ones', and(bx, ones), bx),
  // x | 0 = x, x | −1 = −1
  rule('or-zero', or(bx, zero), bx),
  rule('or-ones', or(bx, ones), ones),
  // x ^ 0 = x
  rule('xor-zero', xor(bx, zero), bx),
  // x & x = x, x | x = x, x ^ x = 0
  rule('and-self', and(bx, bx), bx),
  rule('or-self', or(bx, bx), bx),
  rule('xor-self', xor(bx, bx), zero),
  // (x op c) op d = x op (c op d)
  rule('and-chain', and(and(bx, c), d), and(bx, and(c, d))),
  rule('or-chain', or(or(bx, c), d), or(bx, or(c, d))),
  rule('xor-chain', xor(xor(bx, c), d), xor(bx, xor(c, d))),
  // x & ~x = 0, x | ~x = −1
  rule('and-complement', and(bx, complement(bx)), zero),
  rule('complement-and', and(complement(bx), bx), zero),
  rule('or-complement', or(bx, complement(bx)), ones),
  rule('complement-or', or(complement(bx), bx), ones),
  // x & (x | y) = x
  rule('and-absorbs-first', and(bx, or(bx, by)), bx),
  rule('and-absorbs-second', and(bx, or(by, bx)), bx),
  rule('and-absorbed-first', and(or(bx, by), bx), bx),
  rule('and-absorbed-second', and(or(by, bx), bx), bx),
  // x | (x & y) = x
  rule('or-absorbs-first', or(bx, and(bx, by)), bx),
  rule('or-absorbs-second', or(bx, and(by, bx)), bx),
  rule('or-absorbed-first', or(and(bx, by), bx), bx),
  rule('or-absorbed-second', or(and(by, bx), bx), bx),
  // (x ^ y) ^ y = x
  rule('xor-twice', xor(xor(bx, by), by), bx),
  rule('xor-twice-first', xor(xor(bx, by), bx), by),
  rule('xor-with-xor', xor(bx, xor(bx, by)), by),
  rule('xor-with-xor-second', xor(bx, xor(by, bx)), by),
  // (x & c) | d = x | d where c | d = −1
  rule('or-covers-mask', or(and(bx, c), d), or(bx, d), { where: [eq(or(c, d), ones)] }),
  // (x | c) & d = x & d where c & d = 0
  rule('and-clears-or', and(or(bx, c), d), and(bx, d), { where: [eq(and(c, d), zero)] }),
  // (x | c) & d = d where c & d = d
  rule('and-within-or', and(or(bx, c), d), d, { where: [eq(and(c, d), d)] }),
  // (x ^ c) & d = x & d where c & d = 0
  rule('and-clears-xor', and(xor(bx, c), d), and(bx, d), { where: [eq(and(c, d), zero)] }),
];

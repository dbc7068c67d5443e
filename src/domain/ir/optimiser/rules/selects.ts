import { rule } from '../rule.ts';
import { and, any, ax, ay, bx, by, eq, ne, num, or, p, q, select, xor, zext } from '../term.ts';

/** Choices between two values, and bits as numbers. */
const [yes, no] = [num(1, 'i1'), num(0, 'i1')];
const az = any('z', 'A');

// prettier-ignore
export const selects = [
  // 1 ? x : y = x, 0 ? x : y = y
  rule('select-true', select(yes, ax, ay), ax),
  rule('select-false', select(no, ax, ay), ay),
  // p ? x : x = x
  rule('select-same', select(p, ax, ax), ax),
  // ¬p ? x : y = p ? y : x
  rule('select-not', select(xor(p, yes), ax, ay), select(p, ay, ax)),
  // p ? (p ? x : y) : z = p ? x : z
  rule('select-in-true', select(p, select(p, ax, ay), az), select(p, ax, az)),
  rule('select-in-false', select(p, ax, select(p, ay, az)), select(p, ax, az)),
  // p ? 1 : 0 = zext p
  rule('select-one-zero', select(p, num(1), num(0)), zext(p, 'I')),
  rule('select-zero-one', select(p, num(0), num(1)), zext(xor(p, yes), 'I')),
  rule('select-bit', select(p, yes, no), p),
  rule('select-bit-not', select(p, no, yes), xor(p, yes)),
  // x = y ? x : y = y
  rule('select-eq', select(eq(bx, by), bx, by), by),
  rule('select-eq-swapped', select(eq(bx, by), by, bx), bx),
  rule('select-ne', select(ne(bx, by), bx, by), bx),
  rule('select-ne-swapped', select(ne(bx, by), by, bx), by),
  // zext p op zext q = zext(p op q)
  rule('zext-and', and(zext(p, 'I'), zext(q, 'I')), zext(and(p, q), 'I')),
  rule('zext-or', or(zext(p, 'I'), zext(q, 'I')), zext(or(p, q), 'I')),
  rule('zext-xor', xor(zext(p, 'I'), zext(q, 'I')), zext(xor(p, q), 'I')),
  // zext p ^ 1 = zext ¬p
  rule('zext-not', xor(zext(p, 'I'), num(1)), zext(xor(p, yes), 'I')),
];

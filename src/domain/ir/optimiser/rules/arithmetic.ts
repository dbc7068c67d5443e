import { rule } from '../rule.ts';
import { add, bx, by, c, constant, d, num, sub, x, xor, y } from '../term.ts';

/** Sums and differences modulo 2^w. Constants go to the right, a difference of a constant becomes a sum, chains become one sum. */
const bc = constant('c', 'B');

// prettier-ignore
export const arithmetic = [
  // c + x = x + c
  rule('add-constant-right', add(c, x), add(x, c)),
  // x + 0 = x
  rule('add-zero', add(bx, num(0, 'B')), bx),
  // (x + c) + d = x + (c + d): address folding
  rule('add-chain', add(add(x, c), d), add(x, add(c, d))),
  // x − c = x + (0 − c)
  rule('sub-constant', sub(bx, bc), add(bx, sub(num(0, 'B'), bc))),
  // x − x = 0
  rule('sub-self', sub(bx, bx), num(0, 'B')),
  // x + (0 − y) = x − y
  rule('add-negation', add(x, sub(num(0), y)), sub(x, y)),
  // (0 − x) + y = y − x
  rule('add-to-negation', add(sub(num(0), x), y), sub(y, x)),
  // x − (0 − y) = x + y
  rule('sub-negation', sub(x, sub(num(0), y)), add(x, y)),
  // 0 − (x − y) = y − x
  rule('negate-difference', sub(num(0), sub(x, y)), sub(y, x)),
  // (x + y) − x = y
  rule('sub-first-addend', sub(add(bx, by), bx), by),
  // (x + y) − y = x
  rule('sub-second-addend', sub(add(bx, by), by), bx),
  // (x − y) + y = x
  rule('add-subtrahend', add(sub(bx, by), by), bx),
  // x + (y − x) = y
  rule('add-to-subtrahend', add(bx, sub(by, bx)), by),
  // x − (x + y) = 0 − y
  rule('sub-sum-of-self-first', sub(x, add(x, y)), sub(num(0), y)),
  // x − (y + x) = 0 − y
  rule('sub-sum-of-self-second', sub(x, add(y, x)), sub(num(0), y)),
  // (x − y) − x = 0 − y
  rule('sub-from-difference', sub(sub(x, y), x), sub(num(0), y)),
  // (x + c) − (x + d) = c − d: the distance of two addresses
  rule('sub-same-base', sub(add(x, c), add(x, d)), sub(c, d)),
  // c − (x + d) = (c − d) − x
  rule('constant-minus-sum', sub(c, add(x, d)), sub(sub(c, d), x)),
  // (c − x) + d = (c + d) − x
  rule('add-to-constant-minus', add(sub(c, x), d), sub(add(c, d), x)),
  // c − (d − x) = x + (c − d)
  rule('constant-minus-difference', sub(c, sub(d, x)), add(x, sub(c, d))),
  // (x ^ −1) + 1 = 0 − x
  rule('complement-plus-one', add(xor(x, num(-1)), num(1)), sub(num(0), x)),
  // −1 − x = x ^ −1
  rule('ones-minus', sub(num(-1), x), xor(x, num(-1))),
];

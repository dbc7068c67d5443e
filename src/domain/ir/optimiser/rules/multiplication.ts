import { rule } from '../rule.ts';
import {
  add,
  and,
  c,
  ctz,
  d,
  divS,
  divU,
  eq,
  ltU,
  mul,
  mulHighS,
  mulHighSU,
  mulHighU,
  ne,
  num,
  popcount,
  remS,
  remU,
  shl,
  shrS,
  shrU,
  sub,
  widthOf,
  x,
} from '../term.ts';

/**
 * Products and quotients by constants (strength reduction). Division by zero gives all ones and leaves the dividend;
 * 2^k is a constant with one bit, k the number of zeros below it.
 */
const isPowerOfTwo = eq(popcount(c), num(1));
const exponent = ctz(c);

// prettier-ignore
export const multiplication = [
  // c × x = x × c
  rule('mul-constant-right', mul(c, x), mul(x, c)),
  // x × 0 = 0
  rule('mul-zero', mul(x, num(0)), num(0)),
  // x × 1 = x
  rule('mul-one', mul(x, num(1)), x),
  // x × −1 = 0 − x
  rule('mul-minus-one', mul(x, num(-1)), sub(num(0), x)),
  // x × 2^k = x << k
  rule('mul-power-of-two', mul(x, c), shl(x, exponent), { where: [isPowerOfTwo] }),
  // (x × c) × d = x × (c × d)
  rule('mul-chain', mul(mul(x, c), d), mul(x, mul(c, d))),
  // high(c × x) = high(x × c)
  rule('mulHighU-constant-right', mulHighU(c, x), mulHighU(x, c)),
  rule('mulHighS-constant-right', mulHighS(c, x), mulHighS(x, c)),
  // high(x × 0) = 0
  rule('mulHighU-zero', mulHighU(x, num(0)), num(0)),
  rule('mulHighS-zero', mulHighS(x, num(0)), num(0)),
  rule('mulHighSU-zero', mulHighSU(x, num(0)), num(0)),
  // highU(x × 1) = 0
  rule('mulHighU-one', mulHighU(x, num(1)), num(0)),
  // highS(x × 1) is x's sign
  rule('mulHighS-one', mulHighS(x, num(1)), shrS(x, sub(widthOf('I'), num(1)))),
  rule('mulHighSU-one', mulHighSU(x, num(1)), shrS(x, sub(widthOf('I'), num(1)))),
  // highU(x × 2^k) = x >> (w − k) for k > 0
  rule('mulHighU-power-of-two', mulHighU(x, c), shrU(x, sub(widthOf('I'), exponent)), {
    where: [isPowerOfTwo, ne(c, num(1))],
  }),
  // x / 0 = −1
  rule('divU-zero', divU(x, num(0)), num(-1)),
  rule('divS-zero', divS(x, num(0)), num(-1)),
  // x / 1 = x
  rule('divS-one', divS(x, num(1)), x),
  // x / −1 = 0 − x
  rule('divS-minus-one', divS(x, num(-1)), sub(num(0), x)),
  // x /u 2^k = x >> k
  rule('divU-power-of-two', divU(x, c), shrU(x, exponent), { where: [isPowerOfTwo] }),
  // x /s 2^k = (x + ((x >>s (w − 1)) >>u (w − k))) >>s k for 0 < k < w − 1: towards zero
  rule(
    'divS-power-of-two',
    divS(x, c),
    shrS(add(x, shrU(shrS(x, sub(widthOf('I'), num(1))), sub(widthOf('I'), exponent))), exponent),
    { where: [isPowerOfTwo, ltU(num(1), c), ltU(exponent, sub(widthOf('I'), num(1)))] },
  ),
  // x mod 0 = x
  rule('remU-zero', remU(x, num(0)), x),
  rule('remS-zero', remS(x, num(0)), x),
  // x mod ±1 = 0
  rule('remS-one', remS(x, num(1)), num(0)),
  rule('remS-minus-one', remS(x, num(-1)), num(0)),
  // x modu 2^k = x & (2^k − 1)
  rule('remU-power-of-two', remU(x, c), and(x, sub(c, num(1))), { where: [isPowerOfTwo] }),
  // 0 mod x = 0
  rule('remU-of-zero', remU(num(0), x), num(0)),
  rule('remS-of-zero', remS(num(0), x), num(0)),
  // x mod x = 0
  rule('remU-self', remU(x, x), num(0)),
  rule('remS-self', remS(x, x), num(0)),
];

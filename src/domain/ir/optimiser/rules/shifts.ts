import { type IrType, widths } from '../../types.ts';
import { type Rule, rule } from '../rule.ts';
import {
  add,
  and,
  any,
  c,
  constant,
  d,
  eq,
  leU,
  ltU,
  num,
  or,
  type OperationTerm,
  rotl,
  rotr,
  sext,
  shl,
  shrS,
  shrU,
  sub,
  type Term,
  trunc,
  widthOf,
  x,
  y,
  zext,
} from '../term.ts';

/** Shifts and rotations, whose amounts count modulo the width w. */
const w = widthOf('I');
const inRange = [ltU(c, w), ltU(d, w)];
const together = add(c, d);

// prettier-ignore
const shiftsAndRotations = [
  ['shl', shl], ['shrU', shrU], ['shrS', shrS], ['rotl', rotl], ['rotr', rotr],
] as const;

type Shift = (a: Term, b: Term) => OperationTerm;

/** What holds for each shift and rotation. */
const forEach = (name: string, shift: Shift): readonly Rule[] => [
  // x << 0 = x
  rule(`${name}-by-zero`, shift(x, num(0)), x),
  // 0 << y = 0
  rule(`${name}-of-zero`, shift(num(0), y), num(0)),
  // x << c = x << (c mod w)
  rule(`${name}-amount`, shift(x, c), shift(x, and(c, sub(w, num(1)))), { where: [leU(w, c)] }),
  // x << (y & c) = x << y where c has all bits of w − 1
  rule(`${name}-masked-amount`, shift(x, and(y, c)), shift(x, y), {
    where: [eq(and(c, sub(w, num(1))), sub(w, num(1)))],
  }),
];

/** A pair of shifts by what J lacks of I is an extension of the low bits. */
function extension(I: IrType, J: IrType): readonly Rule[] {
  const value = any('x', I);
  const distance = num(widths[I] - widths[J], I);
  // (x << n) >>s n = sext(trunc x) for n = w(I) − w(J)
  return [
    rule(
      `shift-pair-is-sext-of-${J}-in-${I}`,
      shrS(shl(value, distance), distance),
      sext(trunc(value, J), I),
    ),
  ];
}

/** The idioms for words in doublewords: the upper half goes, then another shift. */
const wide = any('x', 'i64');
const word = trunc(wide, 'i32');
const half = num(32, 'i64');
const amount = constant('d', 'i64');

// prettier-ignore
const words = [
  // (x << 32) >>u 32 = zext(trunc x)
  rule('shift-pair-is-zext', shrU(shl(wide, half), half), zext(word, 'i64')),
  // (x << 32) >>u d = zext(trunc x) << (32 − d) for d < 32
  rule('zext-and-shift-left', shrU(shl(wide, half), amount), shl(zext(word, 'i64'), sub(half, amount)), {
    where: [ltU(amount, half)],
  }),
  // (x << 32) >>u d = zext(trunc x) >>u (d − 32) for 32 < d < 64
  rule('zext-and-shift-right', shrU(shl(wide, half), amount), shrU(zext(word, 'i64'), sub(amount, half)), {
    where: [ltU(half, amount), ltU(amount, num(64, 'i64'))],
  }),
  // (x << 32) >>s d = sext(trunc x) >>s (d − 32) for 32 < d < 64
  rule('sext-and-shift-right', shrS(shl(wide, half), amount), shrS(sext(word, 'i64'), sub(amount, half)), {
    where: [ltU(half, amount), ltU(amount, num(64, 'i64'))],
  }),
];

// prettier-ignore
const chains = [
  // −1 >>s y = −1
  rule('shrS-of-ones', shrS(num(-1), y), num(-1)),
  // (x << c) << d = x << (c + d) for c + d < w, else 0
  rule('shl-chain', shl(shl(x, c), d), shl(x, together), { where: [...inRange, ltU(together, w)] }),
  rule('shl-chain-empties', shl(shl(x, c), d), num(0), { where: [...inRange, leU(w, together)] }),
  rule('shrU-chain', shrU(shrU(x, c), d), shrU(x, together), { where: [...inRange, ltU(together, w)] }),
  rule('shrU-chain-empties', shrU(shrU(x, c), d), num(0), { where: [...inRange, leU(w, together)] }),
  rule('shrS-chain', shrS(shrS(x, c), d), shrS(x, together), { where: [...inRange, ltU(together, w)] }),
  rule('shrS-chain-fills', shrS(shrS(x, c), d), shrS(x, sub(w, num(1))), { where: [...inRange, leU(w, together)] }),
  // (x >>u c) << c = x & (−1 << c)
  rule('shrU-then-shl', shl(shrU(x, c), c), and(x, shl(num(-1), c))),
  // (x << c) >>u c = x & (−1 >>u c)
  rule('shl-then-shrU', shrU(shl(x, c), c), and(x, shrU(num(-1), c))),
  // (x << c) | (x >>u d) = rotl(x, c) for c + d = w
  rule('shifts-are-rotl', or(shl(x, c), shrU(x, d)), rotl(x, c), { where: [...inRange, eq(together, w)] }),
  rule('shifts-are-rotl-swapped', or(shrU(x, d), shl(x, c)), rotl(x, c), { where: [...inRange, eq(together, w)] }),
  // rotl(rotl(x, c), d) = rotl(x, c + d)
  rule('rotl-chain', rotl(rotl(x, c), d), rotl(x, together)),
  rule('rotr-chain', rotr(rotr(x, c), d), rotr(x, together)),
];

export const shifts = [
  ...shiftsAndRotations.flatMap(([name, shift]) => forEach(name, shift)),
  ...(['i8', 'i16', 'i32'] as const).flatMap((J) => extension('i64', J)),
  ...(['i8', 'i16'] as const).flatMap((J) => extension('i32', J)),
  ...words,
  ...chains,
];

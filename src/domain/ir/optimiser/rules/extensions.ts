import { type Rule, rule } from '../rule.ts';
import {
  add,
  and,
  any,
  bitcast,
  c,
  constant,
  eq,
  extract,
  leU,
  ltU,
  mul,
  num,
  or,
  type OperationTerm,
  sext,
  shl,
  shrS,
  shrU,
  sub,
  type Term,
  trunc,
  widthOf,
  x,
  xor,
  y,
  zext,
} from '../term.ts';

/** Sign and zero extension, and its opposite. Where a chain of them begins and ends decides what it is. */
const [xb, xj, yj, xk] = [any('x', 'B'), any('x', 'J'), any('y', 'J'), any('x', 'K')];
const low = trunc(c, 'J');
const unused = sub(widthOf('I'), widthOf('J'));
const wide = any('x', 'i64');
const upper = constant('c', 'i64');

const binary: readonly (readonly [string, (a: Term, b: Term) => OperationTerm])[] = [
  ['add', add],
  ['sub', sub],
  ['mul', mul],
  ['and', and],
  ['or', or],
  ['xor', xor],
];
const extending = [
  ['zext', zext],
  ['sext', sext],
] as const;

/** The low bits of the result depend on the low bits of the operands only. */
const narrowed: readonly Rule[] = extending.flatMap(([name, extend]) =>
  binary.flatMap(([op, compute]) => [
    // trunc(ext x op y) = x op trunc y
    rule(`trunc-${op}-${name}`, trunc(compute(extend(xj, 'I'), y), 'J'), compute(xj, trunc(y, 'J'))),
    rule(`trunc-${op}-by-${name}`, trunc(compute(x, extend(yj, 'I')), 'J'), compute(trunc(x, 'J'), yj)),
  ]),
);

/** Bitwise operations on extended values are done before the extension, which is then often not needed. */
const widenedLast: readonly Rule[] = extending.flatMap(([name, extend]) =>
  (
    [
      ['and', and],
      ['or', or],
      ['xor', xor],
    ] as const
  ).flatMap(([op, compute]) => [
    // ext x op ext y = ext(x op y)
    rule(`${op}-of-${name}`, compute(extend(xj, 'I'), extend(yj, 'I')), extend(compute(xj, yj), 'I')),
    // ext x op c = ext(x op trunc c) where c = ext(trunc c)
    rule(`${op}-of-${name}-constant`, compute(extend(xj, 'I'), c), extend(compute(xj, low), 'I'), {
      where: [eq(extend(low, 'I'), c)],
    }),
  ]),
);

// prettier-ignore
const chains = [
  // zext zext x = zext x, sext sext x = sext x, sext zext x = zext x
  rule('zext-zext', zext(zext(xb, 'J'), 'I'), zext(xb, 'I')),
  rule('sext-sext', sext(sext(xb, 'J'), 'I'), sext(xb, 'I')),
  rule('sext-zext', sext(zext(xb, 'J'), 'I'), zext(xb, 'I')),
  // trunc trunc x = trunc x
  rule('trunc-trunc', trunc(trunc(x, 'K'), 'B'), trunc(x, 'B')),
  // trunc ext x = x, trunc x or ext x, as the end is as wide as the beginning, narrower or wider
  rule('trunc-zext', trunc(zext(xb, 'I'), 'B'), xb),
  rule('trunc-sext', trunc(sext(xb, 'I'), 'B'), xb),
  rule('trunc-zext-narrower', trunc(zext(xk, 'I'), 'J'), trunc(xk, 'J'), { narrower: [['J', 'K']] }),
  rule('trunc-sext-narrower', trunc(sext(xk, 'I'), 'J'), trunc(xk, 'J'), { narrower: [['J', 'K']] }),
  rule('trunc-zext-wider', trunc(zext(xb, 'I'), 'J'), zext(xb, 'J'), { narrower: [['B', 'J']] }),
  rule('trunc-sext-wider', trunc(sext(xb, 'I'), 'J'), sext(xb, 'J'), { narrower: [['B', 'J']] }),
];

// prettier-ignore
const masks = [
  // trunc(x & c) = trunc x where c keeps the low bits, 0 where it clears them
  rule('trunc-mask', trunc(and(x, c), 'J'), trunc(x, 'J'), { where: [eq(low, num(-1, 'J'))] }),
  rule('trunc-mask-zero', trunc(and(x, c), 'J'), num(0, 'J'), { where: [eq(low, num(0, 'J'))] }),
  // trunc(x | c) = trunc x where c has no low bits, −1 where it has all
  rule('trunc-or-upper', trunc(or(x, c), 'J'), trunc(x, 'J'), { where: [eq(low, num(0, 'J'))] }),
  rule('trunc-or-ones', trunc(or(x, c), 'J'), num(-1, 'J'), { where: [eq(low, num(-1, 'J'))] }),
  // trunc(x ^ c) = trunc x where c has no low bits
  rule('trunc-xor-upper', trunc(xor(x, c), 'J'), trunc(x, 'J'), { where: [eq(low, num(0, 'J'))] }),
  // zext x & c = zext x where c keeps the bits of x
  rule('zext-mask', and(zext(xb, 'I'), c), zext(xb, 'I'), { where: [eq(trunc(c, 'B'), num(-1, 'B'))] }),
  // x & 0xffffffff = zext(trunc x)
  rule('mask-is-zext', and(wide, num(0xffff_ffff, 'i64')), zext(trunc(wide, 'i32'), 'i64')),
  // zext(trunc x) = x & (2^w(J) − 1) for bytes and halfwords
  rule('zext-of-byte', zext(trunc(x, 'i8'), 'I'), and(x, num(0xff))),
  rule('zext-of-halfword', zext(trunc(x, 'i16'), 'I'), and(x, num(0xffff))),
  // zext(trunc(x & c)) = x & c where c has low bits only
  rule('zext-trunc-mask', zext(trunc(and(x, c), 'J'), 'I'), and(x, c), { where: [eq(zext(low, 'I'), c)] }),
  // zext(trunc(x >>u c)) = x >>u c for w(I) − w(J) ≤ c < w(I)
  rule('zext-trunc-shrU', zext(trunc(shrU(x, c), 'J'), 'I'), shrU(x, c), {
    where: [leU(unused, c), ltU(c, widthOf('I'))],
  }),
  // sext(trunc(x >>s c)) = x >>s c for w(I) − w(J) ≤ c < w(I)
  rule('sext-trunc-shrS', sext(trunc(shrS(x, c), 'J'), 'I'), shrS(x, c), {
    where: [leU(unused, c), ltU(c, widthOf('I'))],
  }),
  // trunc(ext x << c) = x << trunc c for c < w(J)
  ...extending.map(([name, extend]) =>
    rule(`trunc-shl-${name}`, trunc(shl(extend(xj, 'I'), c), 'J'), shl(xj, low), { where: [ltU(c, widthOf('J', 'I'))] }),
  ),
];

/** A single lies NaN-boxed in a 64-bit register: reading what was written needs no check of the box. */
// prettier-ignore
const boxes = [
  // the upper half of x | c is all ones where c's is
  rule('upper-half-of-box', extract(or(wide, upper), 32, 'i32'), num(-1, 'i32'), {
    where: [eq(extract(upper, 32, 'i32'), num(-1, 'i32'))],
  }),
  // the upper half of zext x is 0
  rule('upper-half-of-zext', extract(zext(any('x', 'i32'), 'i64'), 32, 'i32'), num(0, 'i32')),
  // the bits of the bits are the bits
  ...([['f32', 'i32'], ['f64', 'i64']] as const).flatMap(([float, int]) => [
    rule(`bitcast-${float}-and-back`, bitcast(bitcast(any('x', float), int), float), any('x', float)),
    rule(`bitcast-${int}-and-back`, bitcast(bitcast(any('x', int), float), int), any('x', int)),
  ]),
];

export const extensions = [...chains, ...masks, ...narrowed, ...widenedLast, ...boxes];

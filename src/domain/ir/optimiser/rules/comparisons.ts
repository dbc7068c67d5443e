import { type Rule, rule } from '../rule.ts';
import {
  add,
  any,
  bx,
  by,
  constant,
  eq,
  leS,
  leU,
  ltS,
  ltU,
  ne,
  num,
  type OperationTerm,
  sext,
  sub,
  type Term,
  trunc,
  x,
  xor,
  y,
  zext,
  c,
  d,
} from '../term.ts';

/** Comparisons: against themselves, against the ends of the range, of extended values, and their opposites. */
const bc = constant('c', 'B');
const zero = num(0, 'B');
const [wide, wideY, wideC] = [any('x', 'J'), any('y', 'J'), constant('c', 'J')];
const [yes, no] = [num(1, 'i1'), num(0, 'i1')];
const not = (bit: Term) => xor(bit, yes);
const fitsZext = eq(zext(trunc(wideC, 'B'), 'J'), wideC);
const fitsSext = eq(sext(trunc(wideC, 'B'), 'J'), wideC);

type Compare = (a: Term, b: Term) => OperationTerm;
// prettier-ignore
const all: readonly (readonly [name: string, compare: Compare, ofEqual: Term])[] = [
  ['eq', eq, yes], ['ne', ne, no], ['ltU', ltU, no], ['leU', leU, yes], ['ltS', ltS, no], ['leS', leS, yes],
];

const unsigned: ReadonlyMap<string, Compare> = new Map([
  ['ltS', ltU],
  ['leS', leU],
]);

// prettier-ignore
const equalities = ([['eq', eq, no], ['ne', ne, yes]] as const).flatMap(([name, compare, differs]): readonly Rule[] => [
  // c = x is x = c
  rule(`${name}-constant-right`, compare(bc, bx), compare(bx, bc)),
  // x − y = 0 is x = y, and so is x ^ y = 0
  rule(`${name}-difference`, compare(sub(bx, by), zero), compare(bx, by)),
  rule(`${name}-xor`, compare(xor(bx, by), zero), compare(bx, by)),
  // x + c = d is x = d − c
  rule(`${name}-sum`, compare(add(x, c), d), compare(x, sub(d, c))),
  // x ^ c = d is x = c ^ d
  rule(`${name}-xor-constant`, compare(xor(x, c), d), compare(x, xor(c, d))),
  // ext x = c is x = trunc c where ext(trunc c) = c, else false
  rule(`${name}-zext-constant`, compare(zext(bx, 'J'), wideC), compare(bx, trunc(wideC, 'B')), { where: [fitsZext] }),
  rule(`${name}-zext-beyond`, compare(zext(bx, 'J'), wideC), differs, { where: [not(fitsZext)] }),
  rule(`${name}-sext-constant`, compare(sext(bx, 'J'), wideC), compare(bx, trunc(wideC, 'B')), { where: [fitsSext] }),
  rule(`${name}-sext-beyond`, compare(sext(bx, 'J'), wideC), differs, { where: [not(fitsSext)] }),
]);

// prettier-ignore
const bits = [
  // p = 1 is p, p = 0 is its opposite
  rule('eq-true', eq(any('p', 'i1'), yes), any('p', 'i1')),
  rule('eq-false', eq(any('p', 'i1'), no), not(any('p', 'i1'))),
  rule('ne-false', ne(any('p', 'i1'), no), any('p', 'i1')),
  rule('ne-true', ne(any('p', 'i1'), yes), not(any('p', 'i1'))),
  // the opposite of x = y is x ≠ y, of x < y is y ≤ x
  rule('not-eq', not(eq(bx, by)), ne(bx, by)),
  rule('not-ne', not(ne(bx, by)), eq(bx, by)),
  rule('not-ltU', not(ltU(x, y)), leU(y, x)),
  rule('not-leU', not(leU(x, y)), ltU(y, x)),
  rule('not-ltS', not(ltS(x, y)), leS(y, x)),
  rule('not-leS', not(leS(x, y)), ltS(y, x)),
];

// prettier-ignore
const ends = [
  // x <u 0 never, 0 ≤u x always, x ≤u −1 always, −1 <u x never
  rule('ltU-zero', ltU(x, num(0)), no),
  rule('leU-from-zero', leU(num(0), x), yes),
  rule('leU-ones', leU(x, num(-1)), yes),
  rule('ltU-from-ones', ltU(num(-1), x), no),
  // x <u 1 is x = 0, and so is x ≤u 0
  rule('ltU-one', ltU(x, num(1)), eq(x, num(0))),
  rule('leU-zero', leU(x, num(0)), eq(x, num(0))),
  // 0 <u x is x ≠ 0, and so is 1 ≤u x
  rule('ltU-from-zero', ltU(num(0), x), ne(x, num(0))),
  rule('leU-from-one', leU(num(1), x), ne(x, num(0))),
  // zext x is never below 0
  rule('ltS-zext-zero', ltS(zext(bx, 'J'), num(0, 'J')), no),
  rule('leS-zero-zext', leS(num(0, 'J'), zext(bx, 'J')), yes),
];

/** ext x < ext y is x < y. Signed order of zero-extended values is the unsigned one; sign extension keeps both. */
const extended = all.flatMap(([name, compare, ofEqual]): readonly Rule[] => [
  // x < x never, x ≤ x always
  rule(`${name}-self`, compare(bx, bx), ofEqual),
  rule(
    `${name}-zext`,
    compare(zext(any('x', 'I'), 'J'), zext(any('y', 'I'), 'J')),
    (unsigned.get(name) ?? compare)(x, y),
  ),
  rule(`${name}-sext`, compare(sext(any('x', 'I'), 'J'), sext(any('y', 'I'), 'J')), compare(x, y)),
]);

/** x + c < y + c is not x < y: sums wrap. Only equality is kept. */
// prettier-ignore
const sums = [
  rule('eq-same-addend', eq(add(wide, wideY), wide), eq(wideY, num(0, 'J'))),
  rule('ne-same-addend', ne(add(wide, wideY), wide), ne(wideY, num(0, 'J'))),
];

export const comparisons = [...extended, ...bits, ...ends, ...equalities, ...sums];

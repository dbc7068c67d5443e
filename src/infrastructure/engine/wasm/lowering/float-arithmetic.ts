import { hostFusesMultiplyAdd } from '../fused-multiply-add.ts';
import { representation } from './emitter.ts';
import {
  type FastPath,
  type FloatSite,
  type Format,
  formatOf,
  pushFloat,
  pushOutOfRange,
  pushResult,
  requireFinite,
  requireNearest,
  toBits,
} from './float-site.ts';

/**
 * Sums, products, quotients, roots and fused multiply-adds to nearest. Whether a result is inexact is computed natively
 * where that cannot go wrong (no underflow of the error term); what is raised for the first time, and what
 * underflows or overflows, goes to the exact path.
 */

/** The least biased exponent of a product or dividend whose error term, 105 bits below, is still representable. */
const errorFits = 60;

type Push = () => void;

/**
 * s = a ± b is exact just when s − a = ±b and a − s = ∓b, both as computed: of the two differences, the one with the larger
 * operand is exact (Dekker 1971). Sums are never inexact in the subnormal range.
 */
export const sum =
  (op: 'add' | 'sub'): FastPath =>
  (site) => {
    const { code } = site.e;
    requireNearest(site);
    const format = pushFloat(site, 0);
    pushFloat(site, 1);
    code.op(`${format}.${op}`, toBits(format));
    code.set(site.result);
    requireFinite(site, format);
    site.unlessExactOrMoot(() => {
      pushResult(site);
      pushFloat(site, 0);
      code.op(`${format}.sub`);
      pushFloat(site, 1);
      if (op === 'sub') code.op(`${format}.neg`);
      code.op(`${format}.ne`);
      pushResult(site);
      pushFloat(site, 1);
      code.op(op === 'add' ? `${format}.sub` : `${format}.add`);
      pushFloat(site, 0);
      code.op(`${format}.ne`, 'i32.or');
    });
  };

/**
 * p = a × b is exact just when a × b − p, computed with one rounding, is zero; likewise a − q × b for a quotient and a − r × r
 * for a root. The product of two singles, and of a single quotient or root, is exact in double precision.
 */
export const product =
  (op: 'mul' | 'div' | 'sqrt'): FastPath =>
  (site) => {
    const { code } = site.e;
    requireNearest(site);
    const format = pushFloat(site, 0);
    if (op !== 'sqrt') pushFloat(site, 1);
    code.op(`${format}.${op}`, toBits(format));
    code.set(site.result);
    requireWellInRangeOrZero(site, format);
    site.unlessExactOrMoot(() => (format === 'f32' ? singleError(site, op) : doubleError(site, op)));
  };

function singleError(site: FloatSite, op: 'mul' | 'div' | 'sqrt'): void {
  const { code } = site.e;
  const factors: [Push, Push] =
    op === 'mul'
      ? [() => pushFloat(site, 0), () => pushFloat(site, 1)]
      : [() => pushResult(site), () => (op === 'div' ? pushFloat(site, 1) : pushResult(site))];
  for (const push of factors) {
    push();
    code.op('f64.promote_f32');
  }
  code.op('f64.mul');
  if (op === 'mul') pushResult(site);
  else pushFloat(site, 0);
  code.op('f64.promote_f32', 'f64.ne');
}

function doubleError(site: FloatSite, op: 'mul' | 'div' | 'sqrt'): void {
  const { code } = site.e;
  // Without a fused operation the exact path finds out.
  if (!hostFusesMultiplyAdd()) return code.i32(1);
  const result = () => pushResult(site);
  const argument = (position: number) => () => {
    pushFloat(site, position);
  };
  if (op === 'mul') pushFused('f64', true, site, [argument(0), argument(1), result]);
  else pushFused('f64', true, site, [result, op === 'div' ? argument(1) : result, argument(0)]);
  code.f64(0);
  code.op('f64.ne');
  const whole = op === 'mul' ? site.result : site.args[0]!;
  pushOutOfRange(site, whole, 'f64', errorFits);
  // A zero has no error.
  code.get(whole);
  code.op('f64.reinterpret_i64');
  code.f64(0);
  code.op('f64.ne', 'i32.and', 'i32.or');
}

/** Pushes (−)a × b + c with one rounding. */
function pushFused(
  format: Format,
  negated: boolean,
  { e: { code } }: FloatSite,
  operands: readonly Push[],
): void {
  const lanes = format === 'f64' ? 'f64x2' : 'f32x4';
  for (const push of operands) {
    push();
    code.simd(`${lanes}.splat`);
  }
  code.simd(negated ? `${lanes}.relaxed_nmadd` : `${lanes}.relaxed_madd`);
  code.extractLane(format, 0);
}

/** As requireWellInRange, but a finite result of a zero operand (a zero factor of a fused multiply-add) is exact. */
function requireWellInRangeOrZero(site: FloatSite, format: Format): void {
  const { code } = site.e;
  pushOutOfRange(site, site.result, format, 2);
  code.if();
  pushResult(site);
  pushResult(site);
  code.op(`${format}.sub`);
  zero(site, format);
  code.op(`${format}.eq`);
  pushHasZeroFactor(site, format);
  code.op('i32.and', 'i32.eqz');
  code.branchIf(site.slow);
  code.end();
}

function pushHasZeroFactor(site: FloatSite, format: Format): void {
  const { code } = site.e;
  const factors = site.node.op === 'fmul' || site.node.op === 'fma' ? [0, 1] : [0];
  for (const position of factors) {
    pushFloat(site, position);
    zero(site, format);
    code.op(`${format}.eq`);
  }
  if (factors.length === 2) code.op('i32.or');
}

function zero({ e: { code } }: FloatSite, format: Format): void {
  code.f64(0);
  if (format === 'f32') code.op('f32.demote_f64');
}

/** A fused multiply-add: the host's, or the runtime's by error-free transformations (a NaN pattern: it cannot tell). */
export const fused: FastPath = (site) => {
  const { e, args } = site;
  const { code } = e;
  requireNearest(site);
  const format = formatOf(site.node.type);
  if (hostFusesMultiplyAdd()) {
    pushFused(
      format,
      false,
      site,
      [0, 1, 2].map((position) => () => void pushFloat(site, position)),
    );
    code.op(toBits(format));
  } else {
    const type = representation(site.node.type);
    for (const local of args.slice(0, 3)) code.get(local);
    code.call(e.imported(`fma ${format}`, { parameters: [type, type, type], results: [type] }));
  }
  code.set(site.result);
  requireWellInRangeOrZero(site, format);
  site.unlessExactOrMoot(() => (format === 'f32' ? fusedSingleError(site) : fusedDoubleError(site)));
};

/** In doubles the product p is exact, and so p + c = s + e (TwoSum): exact when e is zero and the result is s. */
function fusedSingleError(site: FloatSite): void {
  const { e } = site;
  const { code } = e;
  const [p, c, s] = [e.temp('f64'), e.temp('f64'), e.temp('f64')];
  for (const position of [0, 1]) {
    pushFloat(site, position);
    code.op('f64.promote_f32');
  }
  code.op('f64.mul');
  code.set(p);
  pushFloat(site, 2);
  code.op('f64.promote_f32');
  code.set(c);
  code.get(p);
  code.get(c);
  code.op('f64.add');
  code.set(s);
  pushInexactSum(site, p, c, s);
  code.get(s);
  pushResult(site);
  code.op('f64.promote_f32', 'f64.ne', 'i32.or');
}

/** Pushes whether s = a + b in doubles is inexact. */
function pushInexactSum({ e: { code } }: FloatSite, a: number, b: number, s: number): void {
  for (const [from, other] of [
    [a, b],
    [b, a],
  ] as const) {
    code.get(s);
    code.get(from);
    code.op('f64.sub');
    code.get(other);
    code.op('f64.ne');
  }
  code.op('i32.or');
}

/**
 * a × b = p + e exactly, and c − r = s + t exactly (TwoSum), each the nearest double and its error: the result r is exact just
 * when p = −s and e = −t.
 */
function fusedDoubleError(site: FloatSite): void {
  const { e } = site;
  const { code } = e;
  if (!hostFusesMultiplyAdd()) return code.i32(1);
  const [p, s, t] = [e.temp('f64'), e.temp('f64'), e.temp('f64')];
  const bits = e.temp('i64');
  pushFloat(site, 0);
  pushFloat(site, 1);
  code.op('f64.mul');
  code.set(p);
  pushFloat(site, 2);
  pushResult(site);
  code.op('f64.sub');
  code.set(s);
  // t = (c − (s − w)) + (−r − w) with w = s − c, the sum being c + (−r).
  code.get(s);
  pushFloat(site, 2);
  code.op('f64.sub');
  code.set(t);
  pushFloat(site, 2);
  code.get(s);
  code.get(t);
  code.op('f64.sub', 'f64.sub');
  pushResult(site);
  code.op('f64.neg');
  code.get(t);
  code.op('f64.sub', 'f64.add');
  code.set(t);
  code.get(p);
  code.get(s);
  code.op('f64.neg', 'f64.ne');
  pushFused('f64', true, site, [
    () => void pushFloat(site, 0),
    () => void pushFloat(site, 1),
    () => code.get(p),
  ]);
  // −e, for the fused operation gave p − a × b.
  code.get(t);
  code.op('f64.ne', 'i32.or');
  code.get(p);
  code.op('i64.reinterpret_f64');
  code.set(bits);
  pushOutOfRange(site, bits, 'f64', errorFits);
  pushHasZeroFactor(site, 'f64');
  code.op('i32.eqz', 'i32.and', 'i32.or');
}

import type { OpName } from '../ops.ts';

/**
 * What each op of the op table means as an SMT-LIB term over bit vectors: every type is a bit vector of its width, a
 * truth value a vector of one bit. A test compares each term with the op's evaluator. Float ops have no term here: they are
 * uninterpreted functions of their operands.
 */
export interface TermSite {
  /** The width of the result. */
  readonly width: number;
  readonly argWidths: readonly number[];
  readonly attr: unknown;
}

export type SmtTerm = (args: readonly string[], site: TermSite) => string;

/** A number as a bit vector. */
export const literal = (value: bigint | number, width: number): string =>
  `(_ bv${BigInt.asUintN(width, BigInt(value))} ${width})`;

/** A formula as a bit. */
export const bit = (formula: string): string => `(ite ${formula} #b1 #b0)`;

/** A bit as a formula. */
export const holds = (term: string): string => `(= ${term} #b1)`;

export const extend = (how: 'zero' | 'sign', term: string, from: number, to: number): string =>
  from === to ? term : `((_ ${how}_extend ${to - from}) ${term})`;

export const slice = (term: string, high: number, low: number): string =>
  `((_ extract ${high} ${low}) ${term})`;

const apply =
  (name: string): SmtTerm =>
  (args) =>
    `(${name} ${args.join(' ')})`;
const compare =
  (name: string): SmtTerm =>
  (args) =>
    bit(`(${name} ${args.join(' ')})`);

/** Shift amounts count modulo the width. */
const amount = (term: string, width: number): string => `(bvand ${term} ${literal(width - 1, width)})`;
const shift =
  (name: string): SmtTerm =>
  ([a, b], { width }) =>
    `(${name} ${a} ${amount(b!, width)})`;
const rotate =
  (there: string, back: string): SmtTerm =>
  ([a, b], { width }) => {
    const by = amount(b!, width);
    return `(bvor (${there} ${a} ${by}) (${back} ${a} (bvsub ${literal(width, width)} ${by})))`;
  };

/** The upper half of a product of twice the width. */
const highProduct =
  (a: 'zero' | 'sign', b: 'zero' | 'sign'): SmtTerm =>
  ([x, y], { width }) =>
    slice(
      `(bvmul ${extend(a, x!, width, 2 * width)} ${extend(b, y!, width, 2 * width)})`,
      2 * width - 1,
      width,
    );

/** The number of zeros before the first one, in the given order of bits. */
const countZeros =
  (from: 'top' | 'bottom'): SmtTerm =>
  ([a], { width }) => {
    let term = literal(width, width);
    for (let zeros = width - 1; zeros >= 0; zeros--) {
      const at = from === 'top' ? width - 1 - zeros : zeros;
      term = `(ite (= ${slice(a!, at, at)} #b1) ${literal(zeros, width)} ${term})`;
    }
    return term;
  };

const bits = (width: number): readonly number[] => Array.from({ length: width }, (_, at) => at);

// prettier-ignore
export const smtTerms = {
  add: apply('bvadd'),
  sub: apply('bvsub'),
  mul: apply('bvmul'),
  mulHighU: highProduct('zero', 'zero'),
  mulHighS: highProduct('sign', 'sign'),
  mulHighSU: highProduct('sign', 'zero'),
  // SMT-LIB divides unsigned by zero as the IR does; a signed quotient by zero has there the sign of the dividend.
  divU: apply('bvudiv'),
  divS: ([a, b], { width }) => `(ite (= ${b} ${literal(0, width)}) ${literal(-1, width)} (bvsdiv ${a} ${b}))`,
  remU: apply('bvurem'),
  remS: apply('bvsrem'),
  and: apply('bvand'),
  or: apply('bvor'),
  xor: apply('bvxor'),
  shl: shift('bvshl'),
  shrU: shift('bvlshr'),
  shrS: shift('bvashr'),
  rotl: rotate('bvshl', 'bvlshr'),
  rotr: rotate('bvlshr', 'bvshl'),
  clz: countZeros('top'),
  ctz: countZeros('bottom'),
  popcount: ([a], { width }) =>
    width === 1 ? a! : `(bvadd ${bits(width).map((at) => extend('zero', slice(a!, at, at), 1, width)).join(' ')})`,
  byteSwap: ([a], { width }) =>
    width <= 8 ? a! : `(concat ${bits(width / 8).map((byte) => slice(a!, 8 * byte + 7, 8 * byte)).join(' ')})`,
  eq: compare('='),
  ne: compare('distinct'),
  ltU: compare('bvult'),
  leU: compare('bvule'),
  ltS: compare('bvslt'),
  leS: compare('bvsle'),
  select: ([condition, a, b]) => `(ite ${holds(condition!)} ${a} ${b})`,
  zext: ([a], { width, argWidths: [from] }) => extend('zero', a!, from!, width),
  sext: ([a], { width, argWidths: [from] }) => extend('sign', a!, from!, width),
  trunc: ([a], { width }) => slice(a!, width - 1, 0),
  bitcast: ([a]) => a!,
  extract: ([a], { width, attr }) => {
    const { lsb } = attr as { lsb: number };
    return slice(a!, lsb + width - 1, lsb);
  },
  concat: apply('concat'),
  laneExtract: ([v, lane], { width }) => {
    const start = `(bvand (bvmul ${extend('zero', lane!, 8, 128)} ${literal(width, 128)}) ${literal(127, 128)})`;
    return slice(`(bvlshr ${v} ${start})`, width - 1, 0);
  },
  laneInsert: ([v, value], { attr, argWidths: [, width] }) => {
    const low = (attr as { lane: number }).lane * width!;
    const parts = [
      ...(low + width! < 128 ? [slice(v!, 127, low + width!)] : []),
      value!,
      ...(low > 0 ? [slice(v!, low - 1, 0)] : []),
    ];
    return parts.length === 1 ? value! : `(concat ${parts.join(' ')})`;
  },
} as const satisfies Partial<Record<OpName, SmtTerm>>;

/** The term of an op; undefined for float ops and for those with an effect. */
export const smtTermOf = (op: OpName): SmtTerm | undefined =>
  (smtTerms as Partial<Record<OpName, SmtTerm>>)[op];

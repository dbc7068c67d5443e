import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { d, fBits, s, sBits, setD, setFBits, setS, setSBits, setW, setX, w, x } from './registers.ts';
import { roundingMode } from './rounding.ts';

/**
 * What the F and D rows mean, once for both widths. Laws: a single is read through its NaN box and written boxed
 * (unpriv 21.2); the IR's float ops give the canonical NaN (20.3); every trap precedes the first write; results are
 * written before flags are raised, and neither can fault.
 */

/** The floating-point registers seen as one format. */
export interface Precision<F extends 'f32' | 'f64', I extends 'i32' | 'i64'> {
  readonly float: F;
  readonly int: I;
  readonly fractionBits: number;
  read(ir: BlockBuilder, n: number): Value<F>;
  write(ir: BlockBuilder, n: number, value: Value<F>): void;
  /** The pattern after the NaN-box check. */
  bits(ir: BlockBuilder, n: number): Value<I>;
  writeBits(ir: BlockBuilder, n: number, bits: Value<I>): void;
}

export const single: Precision<'f32', 'i32'> = {
  float: 'f32',
  int: 'i32',
  fractionBits: 23,
  read: s,
  write: setS,
  bits: sBits,
  writeBits: setSBits,
};

export const double: Precision<'f64', 'i64'> = {
  float: 'f64',
  int: 'i64',
  fractionBits: 52,
  read: d,
  write: setD,
  bits: fBits,
  writeBits: setFBits,
};

type F = 'f32' | 'f64';
type I = 'i32' | 'i64';
interface Unary {
  readonly fd: number;
  readonly fs1: number;
}
interface Binary extends Unary {
  readonly fs2: number;
}
interface Rounding {
  readonly rm: number;
}
/** To an integer register. */
interface ToX {
  readonly rd: number;
  readonly fs1: number;
}
interface FromX {
  readonly fd: number;
  readonly rs1: number;
}

const signBit = <T extends I>(ir: BlockBuilder, p: Precision<F, T>): Value<T> =>
  ir.const(p.int, 1n << (p.int === 'i32' ? 31n : 63n));

/** fadd, fsub, fmul, fdiv (20.6). */
export const arithmetic =
  <T extends F>(op: 'fadd' | 'fsub' | 'fmul' | 'fdiv', p: Precision<T, I>) =>
  (ir: BlockBuilder, { fd, fs1, fs2, rm }: Binary & Rounding): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const result = ir[op](p.read(ir, fs1), p.read(ir, fs2), mode);
    p.write(ir, fd, result);
    ir.raise(result);
  };

export const squareRoot =
  <T extends F>(p: Precision<T, I>) =>
  (ir: BlockBuilder, { fd, fs1, rm }: Unary & Rounding): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const result = ir.fsqrt(p.read(ir, fs1), mode);
    p.write(ir, fd, result);
    ir.raise(result);
  };

/** ±(fs1 × fs2) ± fs3, rounded once (20.6). Negating an operand is exact, and no NaN keeps its sign. */
export const fused =
  <T extends F, B extends I>(product: '+' | '-', addend: '+' | '-', p: Precision<T, B>) =>
  (ir: BlockBuilder, { fd, fs1, fs2, fs3, rm }: Binary & Rounding & { readonly fs3: number }): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const operand = (n: number, sign: '+' | '-') =>
      sign === '+' ? p.read(ir, n) : ir.bitcast(ir.xor(p.bits(ir, n), signBit(ir, p)), p.float);
    const result = ir.fma(operand(fs1, product), p.read(ir, fs2), operand(fs3, addend), mode);
    p.write(ir, fd, result);
    ir.raise(result);
  };

/** fsgnj, fsgnjn, fsgnjx (20.7): fs1 with another sign. A NaN keeps its payload, and nothing is raised. */
export const injectSign =
  <B extends I>(sign: 'copy' | 'negate' | 'xor', p: Precision<F, B>) =>
  (ir: BlockBuilder, { fd, fs1, fs2 }: Binary): void => {
    const bits = p.bits(ir, fs1);
    const other = p.bits(ir, fs2);
    const mask = signBit(ir, p);
    const chosen = ir.and(sign === 'negate' ? ir.not(other) : other, mask);
    const base = sign === 'xor' ? bits : ir.and(bits, ir.not(mask));
    p.writeBits(ir, fd, ir.xor(base, chosen));
  };

export const extreme =
  <T extends F>(op: 'fmin' | 'fmax', p: Precision<T, I>) =>
  (ir: BlockBuilder, { fd, fs1, fs2 }: Binary): void => {
    const result = ir[op](p.read(ir, fs1), p.read(ir, fs2));
    p.write(ir, fd, result);
    ir.raise(result);
  };

/** feq is quiet; flt and fle signal for every NaN (20.8). */
export const comparison =
  <T extends F>(op: 'feqQuiet' | 'fltSignaling' | 'fleSignaling', p: Precision<T, I>) =>
  (ir: BlockBuilder, { rd, fs1, fs2 }: ToX & { readonly fs2: number }): void => {
    const result = ir[op](p.read(ir, fs1), p.read(ir, fs2));
    setX(ir, rd, ir.zext(result, 'i64'));
    ir.raise(result);
  };

/** fcvt.w, .wu, .l, .lu: a 32-bit result is sign-extended, also when it is unsigned (20.7). */
export const toInteger =
  <T extends F>(op: 'floatToIntS' | 'floatToIntU', type: I, p: Precision<T, I>) =>
  (ir: BlockBuilder, { rd, fs1, rm }: ToX & Rounding): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const result = ir[op](p.read(ir, fs1), mode, type);
    setX(ir, rd, result.type === 'i64' ? (result as Value<'i64'>) : ir.sext(result, 'i64'));
    ir.raise(result);
  };

export const fromInteger =
  <T extends F>(op: 'intToFloatS' | 'intToFloatU', type: I, p: Precision<T, I>) =>
  (ir: BlockBuilder, { fd, rs1, rm }: FromX & Rounding): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const result = ir[op](type === 'i32' ? w(ir, rs1) : x(ir, rs1), mode, p.float);
    p.write(ir, fd, result);
    ir.raise(result);
  };

/** fcvt.s.d and fcvt.d.s (21.5). */
export const between =
  <From extends F, To extends F>(from: Precision<From, I>, to: Precision<To, I>) =>
  (ir: BlockBuilder, { fd, fs1, rm }: Unary & Rounding): void => {
    const mode = roundingMode(ir, rm);
    if (!mode) return;
    const result = ir.floatToFloat(from.read(ir, fs1), mode, to.float);
    to.write(ir, fd, result);
    ir.raise(result);
  };

/** fclass (20.9): one bit of ten, from −∞ (bit 0) over −0 (3) and +0 (4) to the quiet NaN (9). */
export const classify =
  <B extends I>(p: Precision<F, B>) =>
  (ir: BlockBuilder, { rd, fs1 }: ToX): void => {
    const bits = p.bits(ir, fs1);
    const mask = signBit(ir, p);
    const hidden = 1n << BigInt(p.fractionBits);
    const exponent = p.int === 'i32' ? 0xffn : 0x7ffn;
    const constant = (value: bigint) => ir.const(p.int, value);
    const infinity = constant(exponent << BigInt(p.fractionBits));
    const magnitude = ir.and(bits, ir.not(mask));
    const negative = ir.ne(ir.and(bits, mask), constant(0n));
    /** The bit of a negative number of this kind, or of a positive one. */
    const bySign = (below: number, above: number) =>
      ir.select(negative, ir.i64(1n << BigInt(below)), ir.i64(1n << BigInt(above)));
    const quiet = ir.ltU(ir.or(infinity, constant((hidden >> 1n) - 1n)), magnitude);
    const nan = ir.select(quiet, ir.i64(1n << 9n), ir.i64(1n << 8n));
    const special = ir.select(ir.eq(magnitude, infinity), bySign(0, 7), nan);
    const small = ir.select(ir.eq(magnitude, constant(0n)), bySign(3, 4), bySign(2, 5));
    const finite = ir.select(ir.ltU(magnitude, constant(hidden)), small, bySign(1, 6));
    setX(ir, rd, ir.select(ir.ltU(magnitude, infinity), finite, special));
  };

/** fmv.x.w and fmv.x.d move raw bits: no NaN-box check (20.7). */
export const moveToX =
  (p: Precision<F, I>) =>
  (ir: BlockBuilder, { rd, fs1 }: ToX): void => {
    const raw = fBits(ir, fs1);
    if (p.int === 'i32') setW(ir, rd, ir.trunc(raw, 'i32'));
    else setX(ir, rd, raw);
  };

/** fmv.w.x (which boxes) and fmv.d.x. */
export const moveFromX =
  (p: Precision<F, I>) =>
  (ir: BlockBuilder, { fd, rs1 }: FromX): void => {
    if (p.int === 'i32') setSBits(ir, fd, w(ir, rs1));
    else setFBits(ir, fd, x(ir, rs1));
  };

/** flw boxes what it loads (21.2). */
export const load =
  (p: Precision<F, I>) =>
  (ir: BlockBuilder, { fd, rs1, simm }: FromX & { readonly simm: number }): void => {
    const address = ir.add(x(ir, rs1), ir.i64(simm));
    if (p.int === 'i32') setSBits(ir, fd, ir.load('i32', address));
    else setFBits(ir, fd, ir.load('i64', address));
  };

/** fsw stores the low half, boxed or not (20.5). */
export const store =
  (p: Precision<F, I>) =>
  (ir: BlockBuilder, fields: { readonly fs2: number; readonly rs1: number; readonly simm: number }): void => {
    const raw = fBits(ir, fields.fs2);
    const address = ir.add(x(ir, fields.rs1), ir.i64(fields.simm));
    ir.store(address, p.int === 'i32' ? ir.trunc(raw, 'i32') : raw);
  };

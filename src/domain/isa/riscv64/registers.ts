import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { fSlots, xSlots } from './state.ts';

/** Register access in semantics. Floating-point: unpriv 21.2, a single lies NaN-boxed in a 64-bit register. */
type I64 = Value<'i64'>;

/** Reads x`n`; x0 is zero. */
export const x = (ir: BlockBuilder, n: number): I64 => (n === 0 ? ir.i64(0n) : ir.read(xSlots[n]!));

/** Writes x`n`; a write to x0 is discarded. */
export function setX(ir: BlockBuilder, n: number, value: I64): void {
  if (n !== 0) ir.write(xSlots[n]!, value);
}

/** The low 32 bits of x`n`. */
export const w = (ir: BlockBuilder, n: number): Value<'i32'> => ir.trunc(x(ir, n), 'i32');

/** Writes a 32-bit result, sign-extended (unpriv 4.2). */
export const setW = (ir: BlockBuilder, n: number, value: Value<'i32'>): void =>
  setX(ir, n, ir.sext(value, 'i64'));

/** The raw pattern in f`n`. */
export const fBits = (ir: BlockBuilder, n: number): I64 => ir.read(fSlots[n]!);
export const setFBits = (ir: BlockBuilder, n: number, bits: I64): void => ir.write(fSlots[n]!, bits);

/** f`n` as a double. */
export const d = (ir: BlockBuilder, n: number): Value<'f64'> => ir.bitcast(fBits(ir, n), 'f64');
export const setD = (ir: BlockBuilder, n: number, value: Value<'f64'>): void =>
  setFBits(ir, n, ir.bitcast(value, 'i64'));

/** The pattern of f`n` as a single: the canonical NaN unless the upper half is all ones (unpriv 21.2). */
export function sBits(ir: BlockBuilder, n: number): Value<'i32'> {
  const bits = fBits(ir, n);
  const boxed = ir.eq(ir.extract(bits, 32, 'i32'), ir.i32(-1));
  return ir.select(boxed, ir.trunc(bits, 'i32'), ir.i32(0x7fc00000));
}

export const s = (ir: BlockBuilder, n: number): Value<'f32'> => ir.bitcast(sBits(ir, n), 'f32');

/** Writes a single's pattern, NaN-boxed. */
export const setSBits = (ir: BlockBuilder, n: number, bits: Value<'i32'>): void =>
  setFBits(ir, n, ir.or(ir.zext(bits, 'i64'), ir.i64(0xffff_ffff_0000_0000n)));
export const setS = (ir: BlockBuilder, n: number, value: Value<'f32'>): void =>
  setSBits(ir, n, ir.bitcast(value, 'i32'));

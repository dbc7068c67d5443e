import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import { setW, setX, w, x } from './registers.ts';
import { register, registerW, shifted, unary, unaryW } from './zb-rows.ts';

/** Zbb: basic bit manipulation (unpriv 28.5). Counting the zeros of zero gives the width, as in the IR. */

/** Each byte becomes all ones unless it is zero. */
function orCombineBytes(ir: BlockBuilder, a: Value<'i64'>): Value<'i64'> {
  const low7 = ir.i64(0x7f7f_7f7f_7f7f_7f7fn);
  // Adding 0x7f carries into a byte's top bit unless its low seven bits are zero; no carry leaves the byte.
  const nonzero = ir.or(ir.add(ir.and(a, low7), low7), a);
  const ones = ir.and(ir.shrU(nonzero, ir.i64(7)), ir.i64(0x0101_0101_0101_0101n));
  return ir.sub(ir.shl(ones, ir.i64(8)), ones);
}

// prettier-ignore
export const zbb = [
  register('andn', '0100000', '111', 'unpriv 28.5 andn', (ir, a, b) => ir.and(a, ir.not(b))),
  register('orn',  '0100000', '110', 'unpriv 28.5 orn',  (ir, a, b) => ir.or(a, ir.not(b))),
  register('xnor', '0100000', '100', 'unpriv 28.5 xnor', (ir, a, b) => ir.not(ir.xor(a, b))),

  unary( 'clz',   '0110000', '00000', '001', 'unpriv 28.5 clz',  (ir, a) => ir.clz(a)),
  unary( 'ctz',   '0110000', '00001', '001', 'unpriv 28.5 ctz',  (ir, a) => ir.ctz(a)),
  unary( 'cpop',  '0110000', '00010', '001', 'unpriv 28.5 cpop', (ir, a) => ir.popcount(a)),
  unaryW('clzw',  '00000', 'unpriv 28.5 clzw',  (ir, a) => ir.clz(a)),
  unaryW('ctzw',  '00001', 'unpriv 28.5 ctzw',  (ir, a) => ir.ctz(a)),
  unaryW('cpopw', '00010', 'unpriv 28.5 cpopw', (ir, a) => ir.popcount(a)),

  register('max',  '0000101', '110', 'unpriv 28.5 max',  (ir, a, b) => ir.select(ir.ltS(a, b), b, a)),
  register('maxu', '0000101', '111', 'unpriv 28.5 maxu', (ir, a, b) => ir.select(ir.ltU(a, b), b, a)),
  register('min',  '0000101', '100', 'unpriv 28.5 min',  (ir, a, b) => ir.select(ir.ltS(a, b), a, b)),
  register('minu', '0000101', '101', 'unpriv 28.5 minu', (ir, a, b) => ir.select(ir.ltU(a, b), a, b)),

  unary('sext.b', '0110000', '00100', '001', 'unpriv 28.5 sext.b', (ir, a) => ir.sext(ir.trunc(a, 'i8'), 'i64')),
  unary('sext.h', '0110000', '00101', '001', 'unpriv 28.5 sext.h', (ir, a) => ir.sext(ir.trunc(a, 'i16'), 'i64')),
  instruction('zext.h', '0000100 00000 rs1:5 100 rd:5 0111011', {
    asm: 'zext.h {rd}, {rs1}', spec: 'unpriv 28.5 zext.h',
    semantics: (ir, { rs1, rd }) => setX(ir, rd, ir.zext(ir.trunc(x(ir, rs1), 'i16'), 'i64')),
  }),

  register( 'rol',  '0110000', '001', 'unpriv 28.5 rol',  (ir, a, b) => ir.rotl(a, b)),
  registerW('rolw', '0110000', '001', 'unpriv 28.5 rolw', (ir, a, b) => ir.rotl(a, b)),
  register( 'ror',  '0110000', '101', 'unpriv 28.5 ror',  (ir, a, b) => ir.rotr(a, b)),
  registerW('rorw', '0110000', '101', 'unpriv 28.5 rorw', (ir, a, b) => ir.rotr(a, b)),
  shifted(  'rori', '011000',  '101', 'unpriv 28.5 rori', (ir, a, b) => ir.rotr(a, b)),
  instruction('roriw', '0110000 shamt:5 rs1:5 101 rd:5 0011011', {
    asm: 'roriw {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 28.5 roriw',
    semantics: (ir, { shamt, rs1, rd }) => setW(ir, rd, ir.rotr(w(ir, rs1), ir.i32(shamt))),
  }),

  unary('orc.b', '0010100', '00111', '101', 'unpriv 28.5 orc.b', orCombineBytes),
  unary('rev8',  '0110101', '11000', '101', 'unpriv 28.5 rev8',  (ir, a) => ir.byteSwap(a)),
];

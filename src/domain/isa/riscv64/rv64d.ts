import { instruction, type Row } from '../instruction.ts';
import {
  arithmetic,
  between,
  classify,
  comparison,
  double,
  extreme,
  fromInteger,
  fused,
  injectSign,
  load,
  moveFromX,
  moveToX,
  single,
  squareRoot,
  store,
  toInteger,
} from './float-semantics.ts';

/** D: double-precision floating point. Conversions that are always exact are written with mode rne. */
// prettier-ignore
export const rv64d: readonly Row[] = [
  instruction('fld',       'simm:12 rs1:5 011 fd:5 0000111',               { asm: 'fld {fd}, {simm}({rs1})',                 spec: 'unpriv 21.3', semantics: load(double) }),
  instruction('fsd',       'simm[11:5] fs2:5 rs1:5 011 simm[4:0] 0100111', { asm: 'fsd {fs2}, {simm}({rs1})',                spec: 'unpriv 21.3', semantics: store(double) }),

  instruction('fmadd.d',   'fs3:5 01 fs2:5 fs1:5 rm:3!5,6 fd:5 1000011',   { asm: 'fmadd.d {fd}, {fs1}, {fs2}, {fs3}{,rm}',  spec: 'unpriv 21.4', semantics: fused('+', '+', double) }),
  instruction('fmsub.d',   'fs3:5 01 fs2:5 fs1:5 rm:3!5,6 fd:5 1000111',   { asm: 'fmsub.d {fd}, {fs1}, {fs2}, {fs3}{,rm}',  spec: 'unpriv 21.4', semantics: fused('+', '-', double) }),
  instruction('fnmsub.d',  'fs3:5 01 fs2:5 fs1:5 rm:3!5,6 fd:5 1001011',   { asm: 'fnmsub.d {fd}, {fs1}, {fs2}, {fs3}{,rm}', spec: 'unpriv 21.4', semantics: fused('-', '+', double) }),
  instruction('fnmadd.d',  'fs3:5 01 fs2:5 fs1:5 rm:3!5,6 fd:5 1001111',   { asm: 'fnmadd.d {fd}, {fs1}, {fs2}, {fs3}{,rm}', spec: 'unpriv 21.4', semantics: fused('-', '-', double) }),

  instruction('fadd.d',    '0000001 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fadd.d {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 21.4', semantics: arithmetic('fadd', double) }),
  instruction('fsub.d',    '0000101 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fsub.d {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 21.4', semantics: arithmetic('fsub', double) }),
  instruction('fmul.d',    '0001001 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fmul.d {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 21.4', semantics: arithmetic('fmul', double) }),
  instruction('fdiv.d',    '0001101 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fdiv.d {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 21.4', semantics: arithmetic('fdiv', double) }),
  instruction('fsqrt.d',   '0101101 00000 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fsqrt.d {fd}, {fs1}{,rm}',                spec: 'unpriv 21.4', semantics: squareRoot(double) }),
  instruction('fmin.d',    '0010101 fs2:5 fs1:5 000 fd:5 1010011',         { asm: 'fmin.d {fd}, {fs1}, {fs2}',               spec: 'unpriv 21.4', semantics: extreme('fmin', double) }),
  instruction('fmax.d',    '0010101 fs2:5 fs1:5 001 fd:5 1010011',         { asm: 'fmax.d {fd}, {fs1}, {fs2}',               spec: 'unpriv 21.4', semantics: extreme('fmax', double) }),

  instruction('fsgnj.d',   '0010001 fs2:5 fs1:5 000 fd:5 1010011',         { asm: 'fsgnj.d {fd}, {fs1}, {fs2}',              spec: 'unpriv 21.5', semantics: injectSign('copy', double) }),
  instruction('fsgnjn.d',  '0010001 fs2:5 fs1:5 001 fd:5 1010011',         { asm: 'fsgnjn.d {fd}, {fs1}, {fs2}',             spec: 'unpriv 21.5', semantics: injectSign('negate', double) }),
  instruction('fsgnjx.d',  '0010001 fs2:5 fs1:5 010 fd:5 1010011',         { asm: 'fsgnjx.d {fd}, {fs1}, {fs2}',             spec: 'unpriv 21.5', semantics: injectSign('xor', double) }),

  instruction('feq.d',     '1010001 fs2:5 fs1:5 010 rd:5 1010011',         { asm: 'feq.d {rd}, {fs1}, {fs2}',                spec: 'unpriv 21.6', semantics: comparison('feqQuiet', double) }),
  instruction('flt.d',     '1010001 fs2:5 fs1:5 001 rd:5 1010011',         { asm: 'flt.d {rd}, {fs1}, {fs2}',                spec: 'unpriv 21.6', semantics: comparison('fltSignaling', double) }),
  instruction('fle.d',     '1010001 fs2:5 fs1:5 000 rd:5 1010011',         { asm: 'fle.d {rd}, {fs1}, {fs2}',                spec: 'unpriv 21.6', semantics: comparison('fleSignaling', double) }),
  instruction('fclass.d',  '1110001 00000 fs1:5 001 rd:5 1010011',         { asm: 'fclass.d {rd}, {fs1}',                    spec: 'unpriv 21.7', semantics: classify(double) }),

  instruction('fcvt.w.d',  '1100001 00000 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.w.d {rd}, {fs1}{,rm}',               spec: 'unpriv 21.5', semantics: toInteger('floatToIntS', 'i32', double) }),
  instruction('fcvt.wu.d', '1100001 00001 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.wu.d {rd}, {fs1}{,rm}',              spec: 'unpriv 21.5', semantics: toInteger('floatToIntU', 'i32', double) }),
  instruction('fcvt.l.d',  '1100001 00010 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.l.d {rd}, {fs1}{,rm}',               spec: 'unpriv 21.5', semantics: toInteger('floatToIntS', 'i64', double) }),
  instruction('fcvt.lu.d', '1100001 00011 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.lu.d {rd}, {fs1}{,rm}',              spec: 'unpriv 21.5', semantics: toInteger('floatToIntU', 'i64', double) }),
  instruction('fcvt.d.w',  '1101001 00000 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.d.w {fd}, {rs1}{,rm|exactRm}',       spec: 'unpriv 21.5', semantics: fromInteger('intToFloatS', 'i32', double) }),
  instruction('fcvt.d.wu', '1101001 00001 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.d.wu {fd}, {rs1}{,rm|exactRm}',      spec: 'unpriv 21.5', semantics: fromInteger('intToFloatU', 'i32', double) }),
  instruction('fcvt.d.l',  '1101001 00010 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.d.l {fd}, {rs1}{,rm}',               spec: 'unpriv 21.5', semantics: fromInteger('intToFloatS', 'i64', double) }),
  instruction('fcvt.d.lu', '1101001 00011 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.d.lu {fd}, {rs1}{,rm}',              spec: 'unpriv 21.5', semantics: fromInteger('intToFloatU', 'i64', double) }),
  instruction('fcvt.s.d',  '0100000 00001 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.s.d {fd}, {fs1}{,rm}',               spec: 'unpriv 21.5', semantics: between(double, single) }),
  instruction('fcvt.d.s',  '0100001 00000 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.d.s {fd}, {fs1}{,rm|exactRm}',       spec: 'unpriv 21.5', semantics: between(single, double) }),

  instruction('fmv.x.d',   '1110001 00000 fs1:5 000 rd:5 1010011',         { asm: 'fmv.x.d {rd}, {fs1}',                     spec: 'unpriv 21.5', semantics: moveToX(double) }),
  instruction('fmv.d.x',   '1111001 00000 rs1:5 000 fd:5 1010011',         { asm: 'fmv.d.x {fd}, {rs1}',                     spec: 'unpriv 21.5', semantics: moveFromX(double) }),
];

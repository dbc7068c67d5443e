import { instruction, type Row } from '../instruction.ts';
import {
  arithmetic,
  classify,
  comparison,
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

/** F: single-precision floating point. `rm` 5 and 6 are reserved (20.2), so no word has them; an omitted mode is dyn. */
// prettier-ignore
export const rv64f: readonly Row[] = [
  instruction('flw',       'simm:12 rs1:5 010 fd:5 0000111',               { asm: 'flw {fd}, {simm}({rs1})',                 spec: 'unpriv 20.5', semantics: load(single) }),
  instruction('fsw',       'simm[11:5] fs2:5 rs1:5 010 simm[4:0] 0100111', { asm: 'fsw {fs2}, {simm}({rs1})',                spec: 'unpriv 20.5', semantics: store(single) }),

  instruction('fmadd.s',   'fs3:5 00 fs2:5 fs1:5 rm:3!5,6 fd:5 1000011',   { asm: 'fmadd.s {fd}, {fs1}, {fs2}, {fs3}{,rm}',  spec: 'unpriv 20.6', semantics: fused('+', '+', single) }),
  instruction('fmsub.s',   'fs3:5 00 fs2:5 fs1:5 rm:3!5,6 fd:5 1000111',   { asm: 'fmsub.s {fd}, {fs1}, {fs2}, {fs3}{,rm}',  spec: 'unpriv 20.6', semantics: fused('+', '-', single) }),
  instruction('fnmsub.s',  'fs3:5 00 fs2:5 fs1:5 rm:3!5,6 fd:5 1001011',   { asm: 'fnmsub.s {fd}, {fs1}, {fs2}, {fs3}{,rm}', spec: 'unpriv 20.6', semantics: fused('-', '+', single) }),
  instruction('fnmadd.s',  'fs3:5 00 fs2:5 fs1:5 rm:3!5,6 fd:5 1001111',   { asm: 'fnmadd.s {fd}, {fs1}, {fs2}, {fs3}{,rm}', spec: 'unpriv 20.6', semantics: fused('-', '-', single) }),

  instruction('fadd.s',    '0000000 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fadd.s {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 20.6', semantics: arithmetic('fadd', single) }),
  instruction('fsub.s',    '0000100 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fsub.s {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 20.6', semantics: arithmetic('fsub', single) }),
  instruction('fmul.s',    '0001000 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fmul.s {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 20.6', semantics: arithmetic('fmul', single) }),
  instruction('fdiv.s',    '0001100 fs2:5 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fdiv.s {fd}, {fs1}, {fs2}{,rm}',          spec: 'unpriv 20.6', semantics: arithmetic('fdiv', single) }),
  instruction('fsqrt.s',   '0101100 00000 fs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fsqrt.s {fd}, {fs1}{,rm}',                spec: 'unpriv 20.6', semantics: squareRoot(single) }),
  instruction('fmin.s',    '0010100 fs2:5 fs1:5 000 fd:5 1010011',         { asm: 'fmin.s {fd}, {fs1}, {fs2}',               spec: 'unpriv 20.6', semantics: extreme('fmin', single) }),
  instruction('fmax.s',    '0010100 fs2:5 fs1:5 001 fd:5 1010011',         { asm: 'fmax.s {fd}, {fs1}, {fs2}',               spec: 'unpriv 20.6', semantics: extreme('fmax', single) }),

  instruction('fsgnj.s',   '0010000 fs2:5 fs1:5 000 fd:5 1010011',         { asm: 'fsgnj.s {fd}, {fs1}, {fs2}',              spec: 'unpriv 20.7', semantics: injectSign('copy', single) }),
  instruction('fsgnjn.s',  '0010000 fs2:5 fs1:5 001 fd:5 1010011',         { asm: 'fsgnjn.s {fd}, {fs1}, {fs2}',             spec: 'unpriv 20.7', semantics: injectSign('negate', single) }),
  instruction('fsgnjx.s',  '0010000 fs2:5 fs1:5 010 fd:5 1010011',         { asm: 'fsgnjx.s {fd}, {fs1}, {fs2}',             spec: 'unpriv 20.7', semantics: injectSign('xor', single) }),

  instruction('feq.s',     '1010000 fs2:5 fs1:5 010 rd:5 1010011',         { asm: 'feq.s {rd}, {fs1}, {fs2}',                spec: 'unpriv 20.8', semantics: comparison('feqQuiet', single) }),
  instruction('flt.s',     '1010000 fs2:5 fs1:5 001 rd:5 1010011',         { asm: 'flt.s {rd}, {fs1}, {fs2}',                spec: 'unpriv 20.8', semantics: comparison('fltSignaling', single) }),
  instruction('fle.s',     '1010000 fs2:5 fs1:5 000 rd:5 1010011',         { asm: 'fle.s {rd}, {fs1}, {fs2}',                spec: 'unpriv 20.8', semantics: comparison('fleSignaling', single) }),
  instruction('fclass.s',  '1110000 00000 fs1:5 001 rd:5 1010011',         { asm: 'fclass.s {rd}, {fs1}',                    spec: 'unpriv 20.9', semantics: classify(single) }),

  instruction('fcvt.w.s',  '1100000 00000 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.w.s {rd}, {fs1}{,rm}',               spec: 'unpriv 20.7', semantics: toInteger('floatToIntS', 'i32', single) }),
  instruction('fcvt.wu.s', '1100000 00001 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.wu.s {rd}, {fs1}{,rm}',              spec: 'unpriv 20.7', semantics: toInteger('floatToIntU', 'i32', single) }),
  instruction('fcvt.l.s',  '1100000 00010 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.l.s {rd}, {fs1}{,rm}',               spec: 'unpriv 20.7', semantics: toInteger('floatToIntS', 'i64', single) }),
  instruction('fcvt.lu.s', '1100000 00011 fs1:5 rm:3!5,6 rd:5 1010011',    { asm: 'fcvt.lu.s {rd}, {fs1}{,rm}',              spec: 'unpriv 20.7', semantics: toInteger('floatToIntU', 'i64', single) }),
  instruction('fcvt.s.w',  '1101000 00000 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.s.w {fd}, {rs1}{,rm}',               spec: 'unpriv 20.7', semantics: fromInteger('intToFloatS', 'i32', single) }),
  instruction('fcvt.s.wu', '1101000 00001 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.s.wu {fd}, {rs1}{,rm}',              spec: 'unpriv 20.7', semantics: fromInteger('intToFloatU', 'i32', single) }),
  instruction('fcvt.s.l',  '1101000 00010 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.s.l {fd}, {rs1}{,rm}',               spec: 'unpriv 20.7', semantics: fromInteger('intToFloatS', 'i64', single) }),
  instruction('fcvt.s.lu', '1101000 00011 rs1:5 rm:3!5,6 fd:5 1010011',    { asm: 'fcvt.s.lu {fd}, {rs1}{,rm}',              spec: 'unpriv 20.7', semantics: fromInteger('intToFloatU', 'i64', single) }),

  instruction('fmv.x.w',   '1110000 00000 fs1:5 000 rd:5 1010011',         { asm: 'fmv.x.w {rd}, {fs1}',                     spec: 'unpriv 20.7', semantics: moveToX(single) }),
  instruction('fmv.w.x',   '1111000 00000 rs1:5 000 fd:5 1010011',         { asm: 'fmv.w.x {fd}, {rs1}',                     spec: 'unpriv 20.7', semantics: moveFromX(single) }),
];

import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import type { Bits3 } from '../pattern.ts';
import { setW, setX, w, x } from './registers.ts';

/**
 * M: multiplication and division (unpriv 12). Nothing traps: division by zero gives all ones and leaves the dividend
 * as remainder, the one signed overflow wraps; the IR's division is defined just so.
 */
const wide = (
  name: string,
  funct3: Bits3,
  compute: (ir: BlockBuilder, a: Value<'i64'>, b: Value<'i64'>) => Value<'i64'>,
) =>
  instruction(name, `0000001 rs2:5 rs1:5 ${funct3} rd:5 0110011`, {
    asm: `${name} {rd}, {rs1}, {rs2}`,
    spec: funct3 < '100' ? 'unpriv 12.1' : 'unpriv 12.2',
    semantics: (ir, { rs2, rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1), x(ir, rs2))),
  });

const word = (
  name: string,
  funct3: Bits3,
  compute: (ir: BlockBuilder, a: Value<'i32'>, b: Value<'i32'>) => Value<'i32'>,
) =>
  instruction(name, `0000001 rs2:5 rs1:5 ${funct3} rd:5 0111011`, {
    asm: `${name} {rd}, {rs1}, {rs2}`,
    spec: funct3 < '100' ? 'unpriv 12.1' : 'unpriv 12.2',
    semantics: (ir, { rs2, rs1, rd }) => setW(ir, rd, compute(ir, w(ir, rs1), w(ir, rs2))),
  });

// prettier-ignore
export const rv64m = [
  wide('mul',    '000', (ir, a, b) => ir.mul(a, b)),
  wide('mulh',   '001', (ir, a, b) => ir.mulHighS(a, b)),
  wide('mulhsu', '010', (ir, a, b) => ir.mulHighSU(a, b)),
  wide('mulhu',  '011', (ir, a, b) => ir.mulHighU(a, b)),
  wide('div',    '100', (ir, a, b) => ir.divS(a, b)),
  wide('divu',   '101', (ir, a, b) => ir.divU(a, b)),
  wide('rem',    '110', (ir, a, b) => ir.remS(a, b)),
  wide('remu',   '111', (ir, a, b) => ir.remU(a, b)),
  word('mulw',   '000', (ir, a, b) => ir.mul(a, b)),
  word('divw',   '100', (ir, a, b) => ir.divS(a, b)),
  word('divuw',  '101', (ir, a, b) => ir.divU(a, b)),
  word('remw',   '110', (ir, a, b) => ir.remS(a, b)),
  word('remuw',  '111', (ir, a, b) => ir.remU(a, b)),
];

import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import type { Bits3, Bits6, Bits7 } from '../pattern.ts';
import { setW, setX, w, x } from './registers.ts';

/** Row makers that the bit-manipulation extensions share (unpriv 28). */
type I64 = Value<'i64'>;
type I32 = Value<'i32'>;
export type Binary = (ir: BlockBuilder, a: I64, b: I64) => I64;

/** rd = f(rs1, rs2), 64 bits. */
export const register = (name: string, funct7: Bits7, funct3: Bits3, spec: string, compute: Binary) =>
  instruction(name, `${funct7} rs2:5 rs1:5 ${funct3} rd:5 0110011`, {
    asm: `${name} {rd}, {rs1}, {rs2}`,
    spec,
    semantics: (ir, { rs2, rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1), x(ir, rs2))),
  });

/** The same in the OP-32 space; the operands are still whole registers. */
export const registerUw = (name: string, funct7: Bits7, funct3: Bits3, spec: string, compute: Binary) =>
  instruction(name, `${funct7} rs2:5 rs1:5 ${funct3} rd:5 0111011`, {
    asm: `${name} {rd}, {rs1}, {rs2}`,
    spec,
    semantics: (ir, { rs2, rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1), x(ir, rs2))),
  });

/** rd = sext(f(rs1, rs2)), 32 bits. */
export const registerW = (
  name: string,
  funct7: Bits7,
  funct3: Bits3,
  spec: string,
  compute: (ir: BlockBuilder, a: I32, b: I32) => I32,
) =>
  instruction(name, `${funct7} rs2:5 rs1:5 ${funct3} rd:5 0111011`, {
    asm: `${name} {rd}, {rs1}, {rs2}`,
    spec,
    semantics: (ir, { rs2, rs1, rd }) => setW(ir, rd, compute(ir, w(ir, rs1), w(ir, rs2))),
  });

/** rd = f(rs1, six-bit immediate). */
export const shifted = (name: string, funct6: Bits6, funct3: Bits3, spec: string, compute: Binary) =>
  instruction(name, `${funct6} shamt:6 rs1:5 ${funct3} rd:5 0010011`, {
    asm: `${name} {rd}, {rs1}, {shamt|hex}`,
    spec,
    semantics: (ir, { shamt, rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1), ir.i64(shamt))),
  });

/** rd = f(rs1), by a fixed immediate of seven and five bits. */
export const unary = (
  name: string,
  high: Bits7,
  low: `${Bits3}${'00' | '01' | '10' | '11'}`,
  funct3: Bits3,
  spec: string,
  compute: (ir: BlockBuilder, a: I64) => I64,
) =>
  instruction(name, `${high} ${low} rs1:5 ${funct3} rd:5 0010011`, {
    asm: `${name} {rd}, {rs1}`,
    spec,
    semantics: (ir, { rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1))),
  });

/** rd = zext(f(low half of rs1)): counts of a word. */
export const unaryW = (
  name: string,
  low: '00000' | '00001' | '00010',
  spec: string,
  compute: (ir: BlockBuilder, a: I32) => I32,
) =>
  instruction(name, `0110000 ${low} rs1:5 001 rd:5 0011011`, {
    asm: `${name} {rd}, {rs1}`,
    spec,
    semantics: (ir, { rs1, rd }) => setX(ir, rd, ir.zext(compute(ir, w(ir, rs1)), 'i64')),
  });

import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import { setX, x } from './registers.ts';
import { type Binary, register, registerUw } from './zb-rows.ts';

/** Zba: address generation (unpriv 28.4). `.uw` takes rs1's low word, zero-extended. */
const low = (ir: BlockBuilder, a: Value<'i64'>): Value<'i64'> => ir.zext(ir.trunc(a, 'i32'), 'i64');
const shiftAdd =
  (amount: number): Binary =>
  (ir, a, b) =>
    ir.add(ir.shl(a, ir.i64(amount)), b);
const shiftAddLow =
  (amount: number): Binary =>
  (ir, a, b) =>
    ir.add(ir.shl(low(ir, a), ir.i64(amount)), b);

// prettier-ignore
export const zba = [
  registerUw('add.uw',    '0000100', '000', 'unpriv 28.5 add.uw',    (ir, a, b) => ir.add(low(ir, a), b)),
  register(  'sh1add',    '0010000', '010', 'unpriv 28.5 sh1add',    shiftAdd(1)),
  register(  'sh2add',    '0010000', '100', 'unpriv 28.5 sh2add',    shiftAdd(2)),
  register(  'sh3add',    '0010000', '110', 'unpriv 28.5 sh3add',    shiftAdd(3)),
  registerUw('sh1add.uw', '0010000', '010', 'unpriv 28.5 sh1add.uw', shiftAddLow(1)),
  registerUw('sh2add.uw', '0010000', '100', 'unpriv 28.5 sh2add.uw', shiftAddLow(2)),
  registerUw('sh3add.uw', '0010000', '110', 'unpriv 28.5 sh3add.uw', shiftAddLow(3)),
  instruction('slli.uw', '000010 shamt:6 rs1:5 001 rd:5 0011011', {
    asm: 'slli.uw {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 28.5 slli.uw',
    semantics: (ir, { shamt, rs1, rd }) => setX(ir, rd, ir.shl(low(ir, x(ir, rs1)), ir.i64(shamt))),
  }),
];

import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { type Binary, register, shifted } from './zb-rows.ts';

/** Zbs: single bits (unpriv 28.5). The bit's number is taken modulo 64, as the IR's shifts do. */
const bit = (ir: BlockBuilder, index: Value<'i64'>): Value<'i64'> => ir.shl(ir.i64(1), index);

const clear: Binary = (ir, a, b) => ir.and(a, ir.not(bit(ir, b)));
const extract: Binary = (ir, a, b) => ir.and(ir.shrU(a, b), ir.i64(1));
const invert: Binary = (ir, a, b) => ir.xor(a, bit(ir, b));
const set: Binary = (ir, a, b) => ir.or(a, bit(ir, b));

// prettier-ignore
export const zbs = [
  register('bclr',  '0100100', '001', 'unpriv 28.5 bclr',  clear),
  shifted( 'bclri', '010010',  '001', 'unpriv 28.5 bclri', clear),
  register('bext',  '0100100', '101', 'unpriv 28.5 bext',  extract),
  shifted( 'bexti', '010010',  '101', 'unpriv 28.5 bexti', extract),
  register('binv',  '0110100', '001', 'unpriv 28.5 binv',  invert),
  shifted( 'binvi', '011010',  '001', 'unpriv 28.5 binvi', invert),
  register('bset',  '0010100', '001', 'unpriv 28.5 bset',  set),
  shifted( 'bseti', '001010',  '001', 'unpriv 28.5 bseti', set),
];

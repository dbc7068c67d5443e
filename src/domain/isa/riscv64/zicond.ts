import { register } from './zb-rows.ts';

/** Zicond: integer conditional operations (unpriv 11): rs1, or zero when the condition register is (not) zero. */
// prettier-ignore
export const zicond = [
  register('czero.eqz', '0000111', '101', 'unpriv 11.1', (ir, a, b) => ir.select(ir.eq(b, ir.i64(0)), ir.i64(0), a)),
  register('czero.nez', '0000111', '111', 'unpriv 11.1', (ir, a, b) => ir.select(ir.ne(b, ir.i64(0)), ir.i64(0), a)),
];

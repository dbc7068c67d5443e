import type { Ordering, RmwOperation } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import type { Bits3, Bits5 } from '../pattern.ts';
import { setX, x } from './registers.ts';
import { noReservation, reservation } from './state.ts';

/**
 * A: atomics (unpriv 14). Addresses must be aligned (14.2, 14.4), or the access faults. LR reserves its address; SC
 * succeeds only on the reserved address and ends the reservation either way. Whoever switches harts, delivers a
 * signal or enters the kernel clears the reservation, so between LR and SC no one else can have written.
 */
type Width = 'i32' | 'i64';
const sizes = { i32: 4, i64: 8 } as const;

/** The aq and rl bits (14.1). */
const orderings: readonly Ordering[] = ['relaxed', 'release', 'acquire', 'sequential'];

const loadReserved = (name: string, funct3: Bits3, type: Width) =>
  instruction(name, `00010 aqrl:2 00000 rs1:5 ${funct3} rd:5 0101111`, {
    asm: `${name}{aqrl} {rd}, ({rs1})`,
    spec: 'unpriv 14.2',
    semantics: (ir, { aqrl, rs1, rd }) => {
      const address = x(ir, rs1);
      const value = ir.load(type, address, { aligned: true, ordering: orderings[aqrl]! });
      ir.write(reservation, address);
      setX(ir, rd, ir.sext(value, 'i64'));
    },
  });

const storeConditional = (name: string, funct3: Bits3, type: Width) =>
  instruction(name, `00011 aqrl:2 rs2:5 rs1:5 ${funct3} rd:5 0101111`, {
    asm: `${name}{aqrl} {rd}, {rs2}, ({rs1})`,
    spec: 'unpriv 14.2',
    semantics: (ir, { aqrl, rs2, rs1, rd }) => {
      const address = x(ir, rs1);
      const reserved = ir.eq(address, ir.read(reservation));
      // A misaligned SC faults though it cannot succeed: let it try the store, which then faults.
      const misaligned = ir.ne(ir.and(address, ir.i64(sizes[type] - 1)), ir.i64(0));
      const value = ir.trunc(x(ir, rs2), type);
      ir.storeIf(ir.or(reserved, misaligned), address, value, { aligned: true, ordering: orderings[aqrl]! });
      ir.write(reservation, ir.i64(noReservation));
      setX(ir, rd, ir.zext(ir.not(reserved), 'i64'));
    },
  });

const modify = (name: string, funct5: Bits5, funct3: Bits3, type: Width, operation: RmwOperation) =>
  instruction(name, `${funct5} aqrl:2 rs2:5 rs1:5 ${funct3} rd:5 0101111`, {
    asm: `${name}{aqrl} {rd}, {rs2}, ({rs1})`,
    spec: 'unpriv 14.4',
    semantics: (ir, { aqrl, rs2, rs1, rd }) => {
      const operand = ir.trunc(x(ir, rs2), type);
      const old = ir.rmw(operation, x(ir, rs1), operand, { ordering: orderings[aqrl]! });
      setX(ir, rd, ir.sext(old, 'i64'));
    },
  });

// prettier-ignore
export const rv64a = [
  loadReserved('lr.w', '010', 'i32'),
  loadReserved('lr.d', '011', 'i64'),
  storeConditional('sc.w', '010', 'i32'),
  storeConditional('sc.d', '011', 'i64'),
  modify('amoswap.w', '00001', '010', 'i32', 'swap'),
  modify('amoswap.d', '00001', '011', 'i64', 'swap'),
  modify('amoadd.w',  '00000', '010', 'i32', 'add'),
  modify('amoadd.d',  '00000', '011', 'i64', 'add'),
  modify('amoxor.w',  '00100', '010', 'i32', 'xor'),
  modify('amoxor.d',  '00100', '011', 'i64', 'xor'),
  modify('amoand.w',  '01100', '010', 'i32', 'and'),
  modify('amoand.d',  '01100', '011', 'i64', 'and'),
  modify('amoor.w',   '01000', '010', 'i32', 'or'),
  modify('amoor.d',   '01000', '011', 'i64', 'or'),
  modify('amomin.w',  '10000', '010', 'i32', 'minS'),
  modify('amomin.d',  '10000', '011', 'i64', 'minS'),
  modify('amomax.w',  '10100', '010', 'i32', 'maxS'),
  modify('amomax.d',  '10100', '011', 'i64', 'maxS'),
  modify('amominu.w', '11000', '010', 'i32', 'minU'),
  modify('amominu.d', '11000', '011', 'i64', 'minU'),
  modify('amomaxu.w', '11100', '010', 'i32', 'maxU'),
  modify('amomaxu.d', '11100', '011', 'i64', 'maxU'),
];

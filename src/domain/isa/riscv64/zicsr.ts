import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import type { Bits3 } from '../pattern.ts';
import { setX, x } from './registers.ts';
import { fflags, frm } from './state.ts';

/**
 * Zicsr: control and status registers (unpriv 6), and the ones that user mode has: fflags, frm, fcsr (20.2), and the
 * counters cycle, time, instret (7.1). Any other CSR, and a write to a read-only one, is an illegal instruction.
 * csrrw does not read when rd is x0; csrrs and csrrc do not write when rs1 is x0 or the immediate 0 (6.1).
 */
type I64 = Value<'i64'>;

interface ControlRegister {
  read(ir: BlockBuilder): I64;
  /** Absent: read-only. */
  readonly write?: (ir: BlockBuilder, value: I64) => void;
}

const readFlags = (ir: BlockBuilder): I64 => ir.zext(ir.read(fflags), 'i64');
const writeFlags = (ir: BlockBuilder, value: I64): void =>
  ir.write(fflags, ir.trunc(ir.and(value, ir.i64(0x1f)), 'i32'));
const readMode = (ir: BlockBuilder): I64 => ir.zext(ir.read(frm), 'i64');
const writeMode = (ir: BlockBuilder, value: I64): void =>
  ir.write(frm, ir.trunc(ir.and(value, ir.i64(7)), 'i8'));

const registers: ReadonlyMap<number, ControlRegister> = new Map<number, ControlRegister>([
  [0x001, { read: readFlags, write: writeFlags }],
  [0x002, { read: readMode, write: writeMode }],
  [
    0x003,
    {
      read: (ir) => ir.or(ir.shl(readMode(ir), ir.i64(5)), readFlags(ir)),
      write(ir, value) {
        writeFlags(ir, value);
        writeMode(ir, ir.shrU(value, ir.i64(5)));
      },
    },
  ],
  [0xc00, { read: (ir) => ir.counter('cycles') }],
  [0xc01, { read: (ir) => ir.counter('time') }],
  [0xc02, { read: (ir) => ir.counter('instructions') }],
]);

/** What csrr? writes, from the old value and the operand. */
type Update = (ir: BlockBuilder, old: I64, operand: I64) => I64;
const swap: Update = (_, __, operand) => operand;
const setBits: Update = (ir, old, operand) => ir.or(old, operand);
const clearBits: Update = (ir, old, operand) => ir.and(old, ir.not(operand));

/** `source` is the register number or immediate: 0 means that csrrs and csrrc do not write. */
function access(
  ir: BlockBuilder,
  csr: number,
  rd: number,
  source: number,
  operand: I64,
  update: Update,
): void {
  const register = registers.get(csr);
  const writes = update === swap || source !== 0;
  if (!register || (writes && !register.write)) {
    ir.trap('illegal-instruction');
    return;
  }
  const old = update === swap && rd === 0 ? ir.i64(0) : register.read(ir);
  if (writes) register.write?.(ir, update(ir, old, operand));
  setX(ir, rd, old);
}

const fromRegister = (name: string, funct3: Bits3, update: Update) =>
  instruction(name, `csr:12 rs1:5 ${funct3} rd:5 1110011`, {
    asm: `${name} {rd}, {csr}, {rs1}`,
    spec: 'unpriv 6.1',
    semantics: (ir, { csr, rs1, rd }) => access(ir, csr, rd, rs1, x(ir, rs1), update),
  });

const fromImmediate = (name: string, funct3: Bits3, update: Update) =>
  instruction(name, `csr:12 uimm:5 ${funct3} rd:5 1110011`, {
    asm: `${name} {rd}, {csr}, {uimm}`,
    spec: 'unpriv 6.1',
    semantics: (ir, { csr, uimm, rd }) => access(ir, csr, rd, uimm, ir.i64(uimm), update),
  });

// prettier-ignore
export const zicsr = [
  fromRegister('csrrw', '001', swap),
  fromRegister('csrrs', '010', setBits),
  fromRegister('csrrc', '011', clearBits),
  fromImmediate('csrrwi', '101', swap),
  fromImmediate('csrrsi', '110', setBits),
  fromImmediate('csrrci', '111', clearBits),
];

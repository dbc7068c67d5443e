import type { BlockBuilder } from '../../ir/builder.ts';
import type { IntType } from '../../ir/types.ts';
import type { JumpHint, Value } from '../../ir/node.ts';
import { instruction } from '../instruction.ts';
import type { Bits3 } from '../pattern.ts';
import { setW, setX, w, x } from './registers.ts';

/**
 * RV64I, the base integer instruction set (unpriv chapters 2 and 4), in the manual's order. Rows
 * that differ only in an operation share a maker below. Instructions whose result goes to x0 still access memory.
 */
type I64 = Value<'i64'>;

/** Every register number that the calling convention uses for return addresses (unpriv 2.5.1). */
const isLink = (n: number): boolean => n === 1 || n === 5;

function linkHint(rd: number, rs1: number): JumpHint {
  if (!isLink(rd)) return isLink(rs1) ? 'return' : 'none';
  return isLink(rs1) && rd !== rs1 ? 'call-return' : 'call';
}

const at = (ir: BlockBuilder, rs1: number, simm: number): I64 => ir.add(x(ir, rs1), ir.i64(simm));
const flag = (ir: BlockBuilder, condition: Value<'i1'>): I64 => ir.zext(condition, 'i64');

const branch = (name: string, funct3: Bits3, holds: (ir: BlockBuilder, a: I64, b: I64) => Value<'i1'>) =>
  instruction(name, `simm[12|10:5] rs2:5 rs1:5 ${funct3} simm[4:1|11] 1100011`, {
    asm: `${name} {rs1}, {rs2}, {pc+simm}`,
    spec: 'unpriv 2.5.2',
    semantics: (ir, { rs1, rs2, simm }) => ir.branch(holds(ir, x(ir, rs1), x(ir, rs2)), ir.pc(simm)),
  });

const load = (name: string, funct3: Bits3, type: IntType, extend: 'sext' | 'zext', spec: string) =>
  instruction(name, `simm:12 rs1:5 ${funct3} rd:5 0000011`, {
    asm: `${name} {rd}, {simm}({rs1})`,
    spec,
    semantics: (ir, { simm, rs1, rd }) => setX(ir, rd, ir[extend](ir.load(type, at(ir, rs1, simm)), 'i64')),
  });

const store = (name: string, funct3: Bits3, type: IntType, spec: string) =>
  instruction(name, `simm[11:5] rs2:5 rs1:5 ${funct3} simm[4:0] 0100011`, {
    asm: `${name} {rs2}, {simm}({rs1})`,
    spec,
    semantics: (ir, { simm, rs1, rs2 }) => ir.store(at(ir, rs1, simm), ir.trunc(x(ir, rs2), type)),
  });

const immediate = (name: string, funct3: Bits3, compute: (ir: BlockBuilder, a: I64, b: I64) => I64) =>
  instruction(name, `simm:12 rs1:5 ${funct3} rd:5 0010011`, {
    asm: `${name} {rd}, {rs1}, {simm}`,
    spec: 'unpriv 2.4.1',
    semantics: (ir, { simm, rs1, rd }) => setX(ir, rd, compute(ir, x(ir, rs1), ir.i64(simm))),
  });

/** The sets of a fence as a C++ ordering; device accesses count as memory. */
function fenceOrdering(pred: number, succ: number) {
  const [before, after] = [pred | (pred >> 2), succ | (succ >> 2)].map((set) => set & 3);
  if (before === 3 && after === 3) return 'sequential';
  if (before === 2 && after === 3) return 'acquire';
  if (before === 3 && after === 1) return 'release';
  return before === 0 || after === 0 ? 'relaxed' : 'sequential';
}

// prettier-ignore
export const rv64i = [
  instruction('lui', 'imm:20 rd:5 0110111', {
    asm: 'lui {rd}, {imm|hex}', spec: 'unpriv 2.4.1, 4.2.1',
    semantics: (ir, { imm, rd }) => setX(ir, rd, ir.i64(imm << 12)),
  }),
  instruction('auipc', 'imm:20 rd:5 0010111', {
    asm: 'auipc {rd}, {imm|hex}', spec: 'unpriv 2.4.1, 4.2.1',
    semantics: (ir, { imm, rd }) => setX(ir, rd, ir.pc(imm << 12)),
  }),
  instruction('jal', 'simm[20|10:1|11|19:12] rd:5 1101111', {
    asm: 'jal {rd}, {pc+simm}', spec: 'unpriv 2.5.1',
    semantics: (ir, { simm, rd }) => {
      setX(ir, rd, ir.nextPc());
      ir.jump(ir.pc(simm), isLink(rd) ? 'call' : 'none');
    },
  }),
  instruction('jalr', 'simm:12 rs1:5 000 rd:5 1100111', {
    asm: 'jalr {rd}, {simm}({rs1})', spec: 'unpriv 2.5.1',
    semantics: (ir, { simm, rs1, rd }) => {
      const target = ir.and(at(ir, rs1, simm), ir.i64(-2n));
      setX(ir, rd, ir.nextPc());
      ir.jump(target, linkHint(rd, rs1));
    },
  }),

  branch('beq',  '000', (ir, a, b) => ir.eq(a, b)),
  branch('bne',  '001', (ir, a, b) => ir.ne(a, b)),
  branch('blt',  '100', (ir, a, b) => ir.ltS(a, b)),
  branch('bge',  '101', (ir, a, b) => ir.leS(b, a)),
  branch('bltu', '110', (ir, a, b) => ir.ltU(a, b)),
  branch('bgeu', '111', (ir, a, b) => ir.leU(b, a)),

  load('lb',  '000', 'i8',  'sext', 'unpriv 2.6'),
  load('lh',  '001', 'i16', 'sext', 'unpriv 2.6'),
  load('lw',  '010', 'i32', 'sext', 'unpriv 2.6'),
  load('ld',  '011', 'i64', 'sext', 'unpriv 4.3'),
  load('lbu', '100', 'i8',  'zext', 'unpriv 2.6'),
  load('lhu', '101', 'i16', 'zext', 'unpriv 2.6'),
  load('lwu', '110', 'i32', 'zext', 'unpriv 4.3'),

  store('sb', '000', 'i8',  'unpriv 2.6'),
  store('sh', '001', 'i16', 'unpriv 2.6'),
  store('sw', '010', 'i32', 'unpriv 2.6'),
  store('sd', '011', 'i64', 'unpriv 4.3'),

  immediate('addi',  '000', (ir, a, b) => ir.add(a, b)),
  immediate('slti',  '010', (ir, a, b) => flag(ir, ir.ltS(a, b))),
  immediate('sltiu', '011', (ir, a, b) => flag(ir, ir.ltU(a, b))),
  immediate('xori',  '100', (ir, a, b) => ir.xor(a, b)),
  immediate('ori',   '110', (ir, a, b) => ir.or(a, b)),
  immediate('andi',  '111', (ir, a, b) => ir.and(a, b)),
  instruction('slli', '000000 shamt:6 rs1:5 001 rd:5 0010011', {
    asm: 'slli {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setX(ir, rd, ir.shl(x(ir, rs1), ir.i64(shamt))),
  }),
  instruction('srli', '000000 shamt:6 rs1:5 101 rd:5 0010011', {
    asm: 'srli {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setX(ir, rd, ir.shrU(x(ir, rs1), ir.i64(shamt))),
  }),
  instruction('srai', '010000 shamt:6 rs1:5 101 rd:5 0010011', {
    asm: 'srai {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setX(ir, rd, ir.shrS(x(ir, rs1), ir.i64(shamt))),
  }),

  instruction('add',  '0000000 rs2:5 rs1:5 000 rd:5 0110011', {
    asm: 'add {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.add(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('sub',  '0100000 rs2:5 rs1:5 000 rd:5 0110011', {
    asm: 'sub {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.sub(x(ir, rs1), x(ir, rs2))),
  }),
  // Shift amounts are the low six bits of rs2: the IR's shifts take them modulo the width.
  instruction('sll',  '0000000 rs2:5 rs1:5 001 rd:5 0110011', {
    asm: 'sll {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.shl(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('slt',  '0000000 rs2:5 rs1:5 010 rd:5 0110011', {
    asm: 'slt {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, flag(ir, ir.ltS(x(ir, rs1), x(ir, rs2)))),
  }),
  instruction('sltu', '0000000 rs2:5 rs1:5 011 rd:5 0110011', {
    asm: 'sltu {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, flag(ir, ir.ltU(x(ir, rs1), x(ir, rs2)))),
  }),
  instruction('xor',  '0000000 rs2:5 rs1:5 100 rd:5 0110011', {
    asm: 'xor {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.xor(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('srl',  '0000000 rs2:5 rs1:5 101 rd:5 0110011', {
    asm: 'srl {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.shrU(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('sra',  '0100000 rs2:5 rs1:5 101 rd:5 0110011', {
    asm: 'sra {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.shrS(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('or',   '0000000 rs2:5 rs1:5 110 rd:5 0110011', {
    asm: 'or {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.or(x(ir, rs1), x(ir, rs2))),
  }),
  instruction('and',  '0000000 rs2:5 rs1:5 111 rd:5 0110011', {
    asm: 'and {rd}, {rs1}, {rs2}', spec: 'unpriv 2.4.2',
    semantics: (ir, { rd, rs1, rs2 }) => setX(ir, rd, ir.and(x(ir, rs1), x(ir, rs2))),
  }),

  instruction('addiw', 'simm:12 rs1:5 000 rd:5 0011011', {
    asm: 'addiw {rd}, {rs1}, {simm}', spec: 'unpriv 4.2.1',
    semantics: (ir, { simm, rs1, rd }) => setW(ir, rd, ir.add(w(ir, rs1), ir.i32(simm))),
  }),
  instruction('slliw', '0000000 shamt:5 rs1:5 001 rd:5 0011011', {
    asm: 'slliw {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setW(ir, rd, ir.shl(w(ir, rs1), ir.i32(shamt))),
  }),
  instruction('srliw', '0000000 shamt:5 rs1:5 101 rd:5 0011011', {
    asm: 'srliw {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setW(ir, rd, ir.shrU(w(ir, rs1), ir.i32(shamt))),
  }),
  instruction('sraiw', '0100000 shamt:5 rs1:5 101 rd:5 0011011', {
    asm: 'sraiw {rd}, {rs1}, {shamt|hex}', spec: 'unpriv 4.2.1',
    semantics: (ir, { shamt, rs1, rd }) => setW(ir, rd, ir.shrS(w(ir, rs1), ir.i32(shamt))),
  }),
  instruction('addw', '0000000 rs2:5 rs1:5 000 rd:5 0111011', {
    asm: 'addw {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setW(ir, rd, ir.add(w(ir, rs1), w(ir, rs2))),
  }),
  instruction('subw', '0100000 rs2:5 rs1:5 000 rd:5 0111011', {
    asm: 'subw {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setW(ir, rd, ir.sub(w(ir, rs1), w(ir, rs2))),
  }),
  instruction('sllw', '0000000 rs2:5 rs1:5 001 rd:5 0111011', {
    asm: 'sllw {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setW(ir, rd, ir.shl(w(ir, rs1), w(ir, rs2))),
  }),
  instruction('srlw', '0000000 rs2:5 rs1:5 101 rd:5 0111011', {
    asm: 'srlw {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setW(ir, rd, ir.shrU(w(ir, rs1), w(ir, rs2))),
  }),
  instruction('sraw', '0100000 rs2:5 rs1:5 101 rd:5 0111011', {
    asm: 'sraw {rd}, {rs1}, {rs2}', spec: 'unpriv 4.2.2',
    semantics: (ir, { rd, rs1, rs2 }) => setW(ir, rd, ir.shrS(w(ir, rs1), w(ir, rs2))),
  }),

  instruction('fence', '0000 pred:4 succ:4 00000 000 00000 0001111', {
    asm: 'fence {pred}, {succ}', spec: 'unpriv 2.7',
    except: ['0000 0001 0000 00000 000 00000 0001111'],
    semantics: (ir, { pred, succ }) => ir.fence(fenceOrdering(pred, succ)),
  }),
  instruction('fence.tso', '1000 0011 0011 00000 000 00000 0001111', {
    asm: 'fence.tso', spec: 'unpriv 2.7',
    semantics: (ir) => ir.fence('acquire-release'),
  }),
  instruction('pause', '0000 0001 0000 00000 000 00000 0001111', {
    asm: 'pause', spec: 'unpriv 5 (Zihintpause)',
    semantics: () => undefined,
  }),
  // Configurations reserved for finer fences, which the base manual has implementations treat as normal fences.
  instruction('fence.reserved', 'fm:4 pred:4 succ:4 rs1:5 000 rd:5 0001111', {
    asm: 'fence.reserved {fm}, {pred}, {succ}, {rs1}, {rd}', spec: 'unpriv 2.7',
    except: ['0000 pred:4 succ:4 00000 000 00000 0001111', '1000 0011 0011 00000 000 00000 0001111'],
    semantics: (ir, { pred, succ }) => ir.fence(fenceOrdering(pred, succ)),
  }),
  instruction('ecall', '000000000000 00000 000 00000 1110011', {
    asm: 'ecall', spec: 'unpriv 2.8',
    semantics: (ir) => ir.syscall(),
  }),
  instruction('ebreak', '000000000001 00000 000 00000 1110011', {
    asm: 'ebreak', spec: 'unpriv 2.8',
    semantics: (ir) => ir.trap('breakpoint'),
  }),
] as const;

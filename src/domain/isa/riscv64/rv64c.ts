import { compressedFormsOf } from '../instruction.ts';
import { rv64i } from './rv64i.ts';

/**
 * C: compressed integer instructions (unpriv 27), in the order of the manual's listings (27.8), quadrants 0, 1, 2. Each
 * row names the instruction it abbreviates and has that one's meaning. HINTs (27.7: rd = x0, a zero immediate or shift) are
 * part of their rows and do what the abbreviated instruction does, which is nothing; reserved encodings are in no row.
 */
const compressed = compressedFormsOf(rv64i);
const ra = 1;
const sp = 2;

// prettier-ignore
export const rv64c = [
  // Quadrant 0. All zeros is defined to be illegal: nzuimm excludes it.
  compressed('c.addi4spn', '000 nzuimm[5:4|9:6|2|3] rdc:3 00', {
    asm: 'c.addi4spn {rdc}, sp, {nzuimm}', spec: 'unpriv 27.5.1',
    as: ({ nzuimm, rdc }) => ['addi', { rd: rdc, rs1: sp, simm: nzuimm }],
  }),
  compressed('c.lw', '010 uimm[5:3] rs1c:3 uimm[2|6] rdc:3 00', {
    asm: 'c.lw {rdc}, {uimm}({rs1c})', spec: 'unpriv 27.3.2',
    as: ({ uimm, rs1c, rdc }) => ['lw', { rd: rdc, rs1: rs1c, simm: uimm }],
  }),
  compressed('c.ld', '011 uimm[5:3] rs1c:3 uimm[7:6] rdc:3 00', {
    asm: 'c.ld {rdc}, {uimm}({rs1c})', spec: 'unpriv 27.3.2',
    as: ({ uimm, rs1c, rdc }) => ['ld', { rd: rdc, rs1: rs1c, simm: uimm }],
  }),
  compressed('c.sw', '110 uimm[5:3] rs1c:3 uimm[2|6] rs2c:3 00', {
    asm: 'c.sw {rs2c}, {uimm}({rs1c})', spec: 'unpriv 27.3.2',
    as: ({ uimm, rs1c, rs2c }) => ['sw', { rs2: rs2c, rs1: rs1c, simm: uimm }],
  }),
  compressed('c.sd', '111 uimm[5:3] rs1c:3 uimm[7:6] rs2c:3 00', {
    asm: 'c.sd {rs2c}, {uimm}({rs1c})', spec: 'unpriv 27.3.2',
    as: ({ uimm, rs1c, rs2c }) => ['sd', { rs2: rs2c, rs1: rs1c, simm: uimm }],
  }),

  // Quadrant 1.
  compressed('c.nop', '000 0 00000 00000 01', {
    asm: 'c.nop', spec: 'unpriv 27.5.1',
    as: () => ['addi', { rd: 0, rs1: 0, simm: 0 }],
  }),
  compressed('c.nop.hint', '000 nzsimm[5] 00000 nzsimm[4:0] 01', {
    asm: 'c.nop {nzsimm}', spec: 'unpriv 27.7',
    as: ({ nzsimm }) => ['addi', { rd: 0, rs1: 0, simm: nzsimm }],
  }),
  compressed('c.addi', '000 simm[5] rd:5!0 simm[4:0] 01', {
    asm: 'c.addi {rd}, {simm}', spec: 'unpriv 27.5.1',
    as: ({ simm, rd }) => ['addi', { rd, rs1: rd, simm }],
  }),
  compressed('c.addiw', '001 simm[5] rd:5!0 simm[4:0] 01', {
    asm: 'c.addiw {rd}, {simm}', spec: 'unpriv 27.5.1',
    as: ({ simm, rd }) => ['addiw', { rd, rs1: rd, simm }],
  }),
  compressed('c.li', '010 simm[5] rd:5 simm[4:0] 01', {
    asm: 'c.li {rd}, {simm}', spec: 'unpriv 27.5.1',
    as: ({ simm, rd }) => ['addi', { rd, rs1: 0, simm }],
  }),
  compressed('c.addi16sp', '011 nzsimm[9] 00010 nzsimm[4|6|8:7|5] 01', {
    asm: 'c.addi16sp sp, {nzsimm}', spec: 'unpriv 27.5.1',
    as: ({ nzsimm }) => ['addi', { rd: sp, rs1: sp, simm: nzsimm }],
  }),
  compressed('c.lui', '011 nzsimm[17] rd:5!2 nzsimm[16:12] 01', {
    asm: 'c.lui {rd}, {nzsimm|upper}', spec: 'unpriv 27.5.1',
    as: ({ nzsimm, rd }) => ['lui', { rd, imm: (nzsimm >> 12) & 0xfffff }],
  }),
  compressed('c.srli', '100 shamt[5] 00 rdc:3 shamt[4:0] 01', {
    asm: 'c.srli {rdc}, {shamt|hex}', spec: 'unpriv 27.5.2',
    as: ({ shamt, rdc }) => ['srli', { rd: rdc, rs1: rdc, shamt }],
  }),
  compressed('c.srai', '100 shamt[5] 01 rdc:3 shamt[4:0] 01', {
    asm: 'c.srai {rdc}, {shamt|hex}', spec: 'unpriv 27.5.2',
    as: ({ shamt, rdc }) => ['srai', { rd: rdc, rs1: rdc, shamt }],
  }),
  compressed('c.andi', '100 simm[5] 10 rdc:3 simm[4:0] 01', {
    asm: 'c.andi {rdc}, {simm}', spec: 'unpriv 27.5.2',
    as: ({ simm, rdc }) => ['andi', { rd: rdc, rs1: rdc, simm }],
  }),
  compressed('c.sub', '100 0 11 rdc:3 00 rs2c:3 01', {
    asm: 'c.sub {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['sub', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.xor', '100 0 11 rdc:3 01 rs2c:3 01', {
    asm: 'c.xor {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['xor', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.or', '100 0 11 rdc:3 10 rs2c:3 01', {
    asm: 'c.or {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['or', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.and', '100 0 11 rdc:3 11 rs2c:3 01', {
    asm: 'c.and {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['and', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.subw', '100 1 11 rdc:3 00 rs2c:3 01', {
    asm: 'c.subw {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['subw', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.addw', '100 1 11 rdc:3 01 rs2c:3 01', {
    asm: 'c.addw {rdc}, {rs2c}', spec: 'unpriv 27.5.3',
    as: ({ rdc, rs2c }) => ['addw', { rd: rdc, rs1: rdc, rs2: rs2c }],
  }),
  compressed('c.j', '101 simm[11|4|9:8|10|6|7|3:1|5] 01', {
    asm: 'c.j {pc+simm}', spec: 'unpriv 27.4',
    as: ({ simm }) => ['jal', { rd: 0, simm }],
  }),
  compressed('c.beqz', '110 simm[8|4:3] rs1c:3 simm[7:6|2:1|5] 01', {
    asm: 'c.beqz {rs1c}, {pc+simm}', spec: 'unpriv 27.4',
    as: ({ simm, rs1c }) => ['beq', { rs1: rs1c, rs2: 0, simm }],
  }),
  compressed('c.bnez', '111 simm[8|4:3] rs1c:3 simm[7:6|2:1|5] 01', {
    asm: 'c.bnez {rs1c}, {pc+simm}', spec: 'unpriv 27.4',
    as: ({ simm, rs1c }) => ['bne', { rs1: rs1c, rs2: 0, simm }],
  }),

  // Quadrant 2.
  compressed('c.slli', '000 shamt[5] rd:5 shamt[4:0] 10', {
    asm: 'c.slli {rd}, {shamt|hex}', spec: 'unpriv 27.5.2',
    as: ({ shamt, rd }) => ['slli', { rd, rs1: rd, shamt }],
  }),
  compressed('c.lwsp', '010 uimm[5] rd:5!0 uimm[4:2|7:6] 10', {
    asm: 'c.lwsp {rd}, {uimm}(sp)', spec: 'unpriv 27.3.1',
    as: ({ uimm, rd }) => ['lw', { rd, rs1: sp, simm: uimm }],
  }),
  compressed('c.ldsp', '011 uimm[5] rd:5!0 uimm[4:3|8:6] 10', {
    asm: 'c.ldsp {rd}, {uimm}(sp)', spec: 'unpriv 27.3.1',
    as: ({ uimm, rd }) => ['ld', { rd, rs1: sp, simm: uimm }],
  }),
  compressed('c.jr', '100 0 rs1:5!0 00000 10', {
    asm: 'c.jr {rs1}', spec: 'unpriv 27.4',
    as: ({ rs1 }) => ['jalr', { rd: 0, rs1, simm: 0 }],
  }),
  compressed('c.mv', '100 0 rd:5 rs2:5!0 10', {
    asm: 'c.mv {rd}, {rs2}', spec: 'unpriv 27.5.3',
    as: ({ rd, rs2 }) => ['add', { rd, rs1: 0, rs2 }],
  }),
  compressed('c.ebreak', '100 1 00000 00000 10', {
    asm: 'c.ebreak', spec: 'unpriv 27.5.5',
    as: () => ['ebreak', {}],
  }),
  compressed('c.jalr', '100 1 rs1:5!0 00000 10', {
    asm: 'c.jalr {rs1}', spec: 'unpriv 27.4',
    as: ({ rs1 }) => ['jalr', { rd: ra, rs1, simm: 0 }],
  }),
  compressed('c.add', '100 1 rd:5 rs2:5!0 10', {
    asm: 'c.add {rd}, {rs2}', spec: 'unpriv 27.5.3',
    as: ({ rd, rs2 }) => ['add', { rd, rs1: rd, rs2 }],
  }),
  compressed('c.swsp', '110 uimm[5:2|7:6] rs2:5 10', {
    asm: 'c.swsp {rs2}, {uimm}(sp)', spec: 'unpriv 27.3.1',
    as: ({ uimm, rs2 }) => ['sw', { rs2, rs1: sp, simm: uimm }],
  }),
  compressed('c.sdsp', '111 uimm[5:3|8:6] rs2:5 10', {
    asm: 'c.sdsp {rs2}, {uimm}(sp)', spec: 'unpriv 27.3.1',
    as: ({ uimm, rs2 }) => ['sd', { rs2, rs1: sp, simm: uimm }],
  }),
];

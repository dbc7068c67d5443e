import { compressedFormsOf, type Row } from '../instruction.ts';
import { rv64d } from './rv64d.ts';

const compressed = compressedFormsOf(rv64d);
const sp = 2;

/** Zcd: compressed loads and stores of doubles. Offsets are unsigned multiples of eight (unpriv 27.3). */
// prettier-ignore
export const rv64cd: readonly Row[] = [
  compressed('c.fld',   '001 uimm[5:3] rs1c:3 uimm[7:6] fdc:3 00',  { asm: 'c.fld {fdc}, {uimm}({rs1c})',  spec: 'unpriv 27.3.2', as: ({ fdc, rs1c, uimm }) => ['fld', { fd: fdc, rs1: rs1c, simm: uimm }] }),
  compressed('c.fsd',   '101 uimm[5:3] rs1c:3 uimm[7:6] fs2c:3 00', { asm: 'c.fsd {fs2c}, {uimm}({rs1c})', spec: 'unpriv 27.3.2', as: ({ fs2c, rs1c, uimm }) => ['fsd', { fs2: fs2c, rs1: rs1c, simm: uimm }] }),
  compressed('c.fldsp', '001 uimm[5] fd:5 uimm[4:3|8:6] 10',        { asm: 'c.fldsp {fd}, {uimm}(sp)',     spec: 'unpriv 27.3.1', as: ({ fd, uimm }) => ['fld', { fd, rs1: sp, simm: uimm }] }),
  compressed('c.fsdsp', '101 uimm[5:3|8:6] fs2:5 10',              { asm: 'c.fsdsp {fs2}, {uimm}(sp)',    spec: 'unpriv 27.3.1', as: ({ fs2, uimm }) => ['fsd', { fs2, rs1: sp, simm: uimm }] }),
];

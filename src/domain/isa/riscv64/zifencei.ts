import { instruction } from '../instruction.ts';

/** Zifencei (unpriv 3): imm, rs1 and rd are reserved for finer fences; implementations ignore them. */
// prettier-ignore
export const zifencei = [
  instruction('fence.i', '000000000000 00000 001 00000 0001111', {
    asm: 'fence.i', spec: 'unpriv 3',
    semantics: (ir) => ir.fenceInstruction(),
  }),
  instruction('fence.i.reserved', 'imm:12 rs1:5 001 rd:5 0001111', {
    asm: 'fence.i.reserved {imm|hex}, {rs1}, {rd}', spec: 'unpriv 3',
    except: ['000000000000 00000 001 00000 0001111'],
    semantics: (ir) => ir.fenceInstruction(),
  }),
];

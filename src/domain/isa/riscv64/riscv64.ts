import type { AssemblyDialect } from '../assembly-dialect.ts';
import { buildInstructionTable, type InstructionTable } from '../instruction-table.ts';
import { syntaxOf } from './operands.ts';
import { riscv64Dialect } from './pseudo-instructions.ts';
import { rv64a } from './rv64a.ts';
import { rv64c } from './rv64c.ts';
import { rv64cd } from './rv64cd.ts';
import { rv64d } from './rv64d.ts';
import { rv64f } from './rv64f.ts';
import { rv64i } from './rv64i.ts';
import { rv64m } from './rv64m.ts';
import { layout } from './state.ts';
import { zba } from './zba.ts';
import { zbb } from './zbb.ts';
import { zbs } from './zbs.ts';
import { zicond } from './zicond.ts';
import { zicsr } from './zicsr.ts';
import { zifencei } from './zifencei.ts';

/**
 * Instruction length (unpriv 1.5): low bits other than 11 mean 16 bits; 11 with the next three not all ones, 32.
 * Longer formats have no instructions.
 */
function lengthOf(low: number): number | undefined {
  if ((low & 0b11) !== 0b11) return 2;
  return (low & 0b11100) === 0b11100 ? undefined : 4;
}

/** RV64 user mode. */
export const riscv64: InstructionTable & { readonly dialect: AssemblyDialect } = {
  ...buildInstructionTable({
    name: 'riscv64',
    layout,
    alignment: 2,
    syntaxOf,
    lengthOf,
    rows: [
      ...rv64i,
      ...rv64m,
      ...rv64a,
      ...rv64f,
      ...rv64d,
      ...zicsr,
      ...zifencei,
      ...zba,
      ...zbb,
      ...zbs,
      ...zicond,
      ...rv64c,
      ...rv64cd,
    ],
  }),
  dialect: riscv64Dialect,
};

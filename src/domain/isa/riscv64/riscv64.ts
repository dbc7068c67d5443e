import type { AssemblyDialect } from '../assembly-dialect.ts';
import { buildInstructionTable, type InstructionTable } from '../instruction-table.ts';
import type { Row } from '../instruction.ts';
import { extensions } from './extensions.ts';
import { syntaxOf } from './operands.ts';
import { riscv64Dialect } from './pseudo-instructions.ts';
import { layout } from './state.ts';

/**
 * Instruction length (unpriv 1.5): low bits other than 11 mean 16 bits; 11 with the next three not all ones, 32.
 * Longer formats have no instructions.
 */
function lengthOf(low: number): number | undefined {
  if ((low & 0b11) !== 0b11) return 2;
  return (low & 0b11100) === 0b11100 ? undefined : 4;
}

/** RV64 user mode. */
export const riscv64: InstructionTable & {
  readonly dialect: AssemblyDialect;
  /** The rows of each extension, by the name of its file. */
  readonly extensions: ReadonlyMap<string, readonly Row[]>;
} = {
  ...buildInstructionTable({
    name: 'riscv64',
    layout,
    maxLength: 4,
    alignment: 2,
    syntaxOf,
    lengthOf,
    rows: [...extensions.values()].flat(),
  }),
  dialect: riscv64Dialect,
  extensions,
};

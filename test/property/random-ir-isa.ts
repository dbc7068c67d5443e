import type { InstructionSet } from '../../src/domain/isa/instruction-set.ts';
import type { BlockBuilder } from '../../src/domain/ir/builder.ts';
import { layoutState, type Slot } from '../../src/domain/ir/types.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { buildOperations } from './random-ir.ts';

const rmwOperations = ['add', 'and', 'or', 'xor', 'swap', 'minS', 'maxS', 'minU', 'maxU'] as const;

/** Narrow types too; the old value goes to a register that operations take. */
function buildAtomic(ir: BlockBuilder, random: Random): void {
  const [register, operand] = [random.pick([8, 9, 10]), random.pick([8, 9, 10])];
  const type = random.pick(['i8', 'i16', 'i32', 'i64'] as const);
  const address = ir.i64(dataAddress + 8n * BigInt(random.below(2)));
  const value = ir.trunc(ir.read(state.x[operand]!), type);
  const old = ir.rmw(random.pick(rmwOperations), address, value);
  ir.write(state.x[register]!, ir.zext(old, 'i64'));
}

/** RISC-V's state and, behind it, slots of a byte side by side. */
const layout = layoutState(
  [
    ...Array.from(riscv64.layout.slots.values(), ({ name, type }) => [name, type] as const),
    ['byte0', 'i8'],
    ['byte1', 'i8'],
  ],
  { pc: riscv64.layout.pc.name, fpExceptions: riscv64.layout.fpExceptions.name },
);
const bytes = ['byte0', 'byte1'].map((name) => layout.slots.get(name) as Slot<'i8'>);

function buildByteMove(ir: BlockBuilder, random: Random): void {
  const register = state.x[random.pick([8, 9, 10])]!;
  const before = ir.read(random.pick(bytes));
  ir.write(random.pick(bytes), ir.trunc(ir.read(register), 'i8'));
  ir.write(register, ir.zext(before, 'i64'));
}

/** Where atomic operations work. */
export const dataAddress = 0x3000n;

/**
 * An instruction set whose instructions are random IR: a word is the seed of the operations that it stands for, and zero is
 * a system call. So engines meet
 * operations and widths that no RISC-V instruction needs.
 */
export const randomIrIsa: InstructionSet = {
  name: riscv64.name,
  layout,
  maxLength: 4,
  alignment: 4,
  decode(code, offset = 0, end = code.length) {
    if (end - offset < 4) return 'truncated';
    const word = new DataView(code.buffer, code.byteOffset).getUint32(offset, true);
    return {
      name: `ir-${word}`,
      fields: {},
      length: 4,
      bits: BigInt(word),
      lift(ir) {
        if (word === 0) {
          ir.syscall();
          return;
        }
        const random = new Random(word);
        const kind = random.below(10);
        if (kind < 2) buildAtomic(ir, random);
        else if (kind === 2) buildByteMove(ir, random);
        else buildOperations(ir, random, 1 + random.below(12), true);
      },
    };
  },
  disassemble: ({ name }) => name,
};

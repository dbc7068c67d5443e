import { describe, expect, test } from '@jest/globals';
import { riscv64 } from '../isa/riscv64/riscv64.ts';
import { xSlots } from '../isa/riscv64/state.ts';
import { BlockBuilder } from './builder.ts';
import type { Node } from './node.ts';
import { shapeOf } from './shape.ts';

/** The shape of one instruction of 32 bits. */
function shape(word: number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  const decoded = riscv64.decode(bytes, 0, 4);
  if (typeof decoded === 'string') throw new Error(decoded);
  const builder = new BlockBuilder(riscv64.layout);
  builder.instruction(4);
  decoded.lift(builder);
  return shapeOf(builder.finish());
}

const add = (rd: number, rs1: number, rs2: number) => (rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33;
const addi = (rd: number, rs1: number, immediate: number) =>
  ((immediate << 20) | (rs1 << 15) | (rd << 7) | 0x13) >>> 0;

describe('the shape of an instruction', () => {
  test('is shared by whatever differs in registers and constants only', () => {
    expect(shape(add(1, 2, 3)).key).toBe(shape(add(4, 4, 4)).key);
    expect(shape(addi(1, 2, 5)).key).toBe(shape(addi(3, 1, -7)).key);
  });

  test('tells a register from a constant, and one operation from another', () => {
    expect(shape(add(1, 2, 3)).key).not.toBe(shape(addi(1, 2, 3)).key);
    expect(shape(add(1, 2, 3)).key).not.toBe(shape(add(1, 2, 3) | 0x4000_0000).key);
  });

  test('has the registers and constants as operands, in the order of use', () => {
    expect(shape(addi(10, 11, -1)).operands).toEqual([
      { kind: 'state', slot: xSlots[11] },
      { kind: 'constant', value: 0xffff_ffff_ffff_ffffn },
      { kind: 'state', slot: xSlots[10] },
    ]);
  });

  test('makes addresses relative to the instruction', () => {
    const jal = shape(0x0080_00ef);
    expect(jal.operands).toContainEqual({ kind: 'address', offset: 8 });
    expect(jal.operands).toContainEqual({ kind: 'address', offset: 4 });
  });

  test('keeps a slot that is read after it was written one parameter', () => {
    const builder = new BlockBuilder(riscv64.layout);
    const x1 = xSlots[1]!;
    builder.instruction(4);
    builder.write(x1, builder.const('i64', 7n));
    builder.write(xSlots[2]!, builder.read(x1));
    const { block, operands } = shapeOf(builder.finish());
    expect(operands.filter((operand) => operand.kind === 'state' && operand.slot === x1)).toHaveLength(1);
    const slots = block.nodes.flatMap((node: Node) =>
      node.op === 'read' || node.op === 'write' ? [node.attr.slot] : [],
    );
    expect(slots.filter(({ name }) => name === 'state 1')).toHaveLength(2);
  });
});

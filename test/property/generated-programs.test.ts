import { describe, expect, test } from '@jest/globals';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { World, writableCodeAddress } from '../../src/application/verification/world.ts';
import { encodeRow, liftRow } from '../../src/application/verification/generators/instructions.ts';
import { profileOf } from '../../src/application/verification/generators/inputs.ts';
import {
  calls,
  loop,
  selfModifying,
  type Shape,
} from '../../src/application/verification/generators/program-shapes.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import type { SampledInstruction } from '../../src/application/verification/generators/sampled-instruction.ts';
import { StateSource } from '../../src/application/verification/generators/states.ts';

const add = (rd: number): SampledInstruction => {
  const row = riscv64.row('addi')!;
  const fields = { rd, rs1: rd, simm: 1 };
  return { row, fields, profile: profileOf(liftRow(riscv64, row, fields)) };
};
const call = riscv64.row('ecall')!;

/** Runs a shape around instructions that count up a0 to a3, and gives what they hold, and how it ended. */
function ran(shape: Shape, seed = 1) {
  const random = new Random(seed);
  const { instructions, functions, constants } = shape({
    random,
    isa: riscv64,
    aim: (drafts) => drafts,
    body: [10, 11, 12, 13].map(add),
  });
  const all = [...instructions, { row: call, fields: {} }, ...functions];
  const code = Uint8Array.from(all.flatMap(({ row, fields }) => [...encodeRow(riscv64, row, fields)]));
  const source = new StateSource(riscv64.layout, random);
  source.begin();
  const view = new DataView(source.block.buffer);
  const slot = (name: string) => riscv64.layout.slots.get(name)!.offset;
  view.setBigUint64(slot('x2'), 0x3000n, true);
  for (const n of [10, 11, 12, 13]) view.setBigUint64(slot(`x${n}`), 0n, true);
  source.next(constants.filter(({ kind }) => kind === 'constant'));
  const world = new World(goldenEngine, riscv64);
  world.place(0x10000n, code, []);
  const { stop } = world.run(source.block, 0, 200);
  const after = new DataView(world.machine.cpu.buffer, world.machine.cpu.byteOffset);
  return {
    stop: stop.reason,
    counts: [10, 11, 12, 13].map((n) => Number(after.getBigUint64(slot(`x${n}`), true))),
    written: world.machine.memory.page(writableCodeAddress / 4096).some((byte) => byte !== 0),
  };
}

describe('generated programs', () => {
  test('go through a loop a few times, and end', () => {
    const found = [1, 2, 3, 4, 5, 6].map((seed) => ran(loop, seed));
    for (const { stop, counts } of found) {
      expect(stop).toBe('syscall');
      expect(new Set(counts).size).toBe(1);
      expect(counts[0]).toBeGreaterThan(0);
      expect(counts[0]).toBeLessThanOrEqual(5);
    }
    expect(new Set(found.map(({ counts }) => counts[0])).size).toBeGreaterThan(1);
  });

  test('call functions that call functions, and come back', () => {
    expect(ran(calls)).toMatchObject({ stop: 'syscall', counts: [1, 1, 1, 1] });
  });

  test('run what they have written, and what they write over it', () => {
    expect(ran(selfModifying)).toEqual({ stop: 'syscall', counts: [1, 1, 1, 1], written: true });
  });
});

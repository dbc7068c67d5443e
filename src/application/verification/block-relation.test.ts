import { describe, expect, test } from '@jest/globals';
import { assemble } from '../../domain/isa/assembler.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../infrastructure/engine/golden/golden-engine.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import { BlockRelation, blockUnits } from './block-relation.ts';
import { CoverageCounter } from './coverage-counter.ts';
import { Random } from './generators/random.ts';

const assembled = (text: string): Uint8Array => {
  const result = assemble(text, { isa: riscv64, origin: 0x10000n });
  if (!result.ok) throw new Error(text);
  return result.value.bytes;
};
const blocks = [
  { address: 0x400n, code: assembled('addi a0, a1, 1; sub a2, a0, a3; jalr zero, 0(ra)') },
  { address: 0x500n, code: assembled('add a4, a5, a5; ecall') },
  { address: 0x400n, code: assembled('xor a0, a0, a1; ebreak') },
];

/** The reference, but it forgets what is written to a2. */
const forgetful: ExecutionEngine = {
  ...goldenEngine,
  createMachine(setup) {
    const machine = goldenEngine.createMachine(setup);
    const { offset } = riscv64.layout.slots.get('x12')!;
    return new Proxy(machine, {
      get(target, name) {
        if (name === 'run')
          return (until: number) => {
            const before = target.cpu.slice(offset, offset + 8);
            const stop = target.run(until);
            target.cpu.set(before, offset);
            return stop;
          };
        return Reflect.get(target, name, target) as unknown;
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  },
};

const verify = (engine: ExecutionEngine) => {
  const tested = new Map([['tested', engine]]);
  const relation = new BlockRelation({ isa: riscv64, reference: goldenEngine, tested });
  return blockUnits(riscv64, blocks).map((unit) => ({
    name: unit.name,
    ...relation.verify(unit, new Random('1', unit.name), 20, new CoverageCounter()),
  }));
};

describe('the blocks of a program', () => {
  test('are named by their address, and numbered where it holds several', () => {
    expect(blockUnits(riscv64, blocks).map(({ name }) => name)).toEqual(['0x400', '0x500', '0x400#2']);
  });

  test('hold where the engine does what the reference does', () => {
    for (const result of verify(goldenEngine))
      expect(result).toMatchObject({ cases: 20, counterexample: undefined });
  });

  test('are refuted, and shrunk to the instruction that goes wrong', () => {
    const [first, second, third] = verify(forgetful);
    expect(first?.counterexample).toMatchObject({ instruction: '0x400', tested: 'tested' });
    expect(first?.counterexample?.listing).toEqual([expect.stringMatching(/^sub a2, /)]);
    expect([second?.counterexample, third?.counterexample]).toEqual([undefined, undefined]);
  });
});

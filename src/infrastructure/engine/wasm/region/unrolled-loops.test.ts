import { expect, test } from '@jest/globals';
import { permission } from '../../../../application/ports/guest-memory.ts';
import { assemble } from '../../../../domain/isa/assembler.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { InstructionSource } from '../../golden/instruction-source.ts';
import { FlatMemory } from '../../memory/flat-memory.ts';
import { discoverRegion } from './region-discovery.ts';
import { planRegion } from './region-plan.ts';
import { isTranslatable } from './translatable.ts';

const origin = 0x1_0000;

/** Each block of a region: its place from the beginning, the number of its frame, and the blocks that follow. */
function planned(source: string): readonly string[] {
  const result = assemble(source, { isa: riscv64, origin: BigInt(origin) });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const memory = new FlatMemory(1 << 20);
  memory.map(origin, 0x1000, permission.read | permission.execute);
  memory.write(origin, result.value.bytes, permission.read);
  const code = new InstructionSource(riscv64, memory);
  const found = discoverRegion(origin, code, isTranslatable, { instructions: 100, blocks: 20 });
  const { blocks, graph } = planRegion(found, origin, 'nothing', false);
  const name = (at: number): string => `${blocks[at]!.frame.number}:+${blocks[at]!.address - origin}`;
  return blocks.map((_, at) => `${name(at)} > ${graph.successors[at]!.map(name).join(' ')}`);
}

test('the rounds of a small loop follow each other, and the last goes back', () => {
  expect(planned('li t0, 9\nround: addi t0, t0, -1\nadd a0, a0, t0\nbnez t0, round\necall')).toEqual([
    '0:+0 > 0:+4',
    '0:+4 > 0:+16 1:+4',
    '0:+16 > ',
    '1:+4 > 0:+16 2:+4',
    '2:+4 > 0:+16 3:+4',
    '3:+4 > 0:+16 0:+4',
  ]);
});

test('a loop of several blocks has as many rounds as fit', () => {
  const body = `${'add a0, a0, t0\n'.repeat(10)}beqz t0, done\naddi t0, t0, -1\nj round`;
  const blocks = planned(`round: ${body}\ndone: ecall`);
  expect(blocks).toEqual([
    '0:+0 > 0:+44 0:+52',
    '0:+44 > 1:+0',
    '0:+52 > ',
    '1:+0 > 1:+44 0:+52',
    '1:+44 > 0:+0',
  ]);
});

test.each([
  ['with a call', 'round: jal ra, f\nbnez a0, round\nf: ecall'],
  ['of more instructions than pay', `round: ${'add a0, a0, t0\n'.repeat(16)}bnez t0, round\necall`],
])('a loop %s has no block twice', (_, source) => {
  const places = planned(source).map((line) => line.split(' ')[0]!.split(':')[1]!);
  expect(new Set(places).size).toBe(places.length);
});

import { expect, test } from '@jest/globals';
import { permission } from '../../../../application/ports/guest-memory.ts';
import { assemble } from '../../../../domain/isa/assembler.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { InstructionSource } from '../../golden/instruction-source.ts';
import { FlatMemory } from '../../memory/flat-memory.ts';
import { inlineCalls, type InliningLimits } from './inlined-calls.ts';
import { discoverRegion, type DiscoveryLimits, type Frame } from './region-discovery.ts';
import { isTranslatable } from './translatable.ts';

const origin = 0x1_0000;
const limits: InliningLimits = {
  leaf: { instructions: 8, blocks: 4 },
  other: { instructions: 4, blocks: 4 },
  depth: 1,
  region: { instructions: 30, blocks: 12 },
};

/** The blocks of a region that begins with the code, its calls inlined: of each its frame, place and what it calls. */
function inlined(source: string, given = limits, guessed: readonly number[] = []): readonly string[] {
  const result = assemble(source, { isa: riscv64, origin: BigInt(origin) });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const memory = new FlatMemory(1 << 20);
  memory.map(origin, 0x1000, permission.read | permission.execute);
  memory.write(origin, result.value.bytes, permission.read);
  const code = new InstructionSource(riscv64, memory);
  const discover = (entry: number, within: DiscoveryLimits, frame?: Frame) =>
    discoverRegion(entry, code, isTranslatable, within, frame);
  const own = discover(origin, { instructions: 20, blocks: 8 });
  const targets = guessed.map((offset) => origin + offset);
  return inlineCalls(own, discover, given, () => targets).map(({ frame, address, calls, guesses }) => {
    const back = frame.caller ? ` back to +${frame.caller.returnsTo - origin}` : '';
    const may = guesses?.map((guess) => ` may call ${guess.frame.number}`).join('') ?? '';
    return `${frame.number}: +${address - origin}${calls ? ` calls ${calls.number}` : ''}${may}${back}`;
  });
}

const twice = `jal ra, f
  jal ra, f
  ecall
  f: addi a0, a0, 1
  jalr zero, 0(ra)`;

test('each call of a small function has blocks of its own, which return behind it', () => {
  expect(inlined(twice)).toEqual([
    '0: +0 calls 1',
    '0: +4 calls 2',
    '0: +8',
    '1: +12 back to +4',
    '2: +12 back to +8',
  ]);
});

test('a region grows no further than its limits', () => {
  const region = { instructions: 6, blocks: 12 };
  expect(inlined(twice, { ...limits, region })).toEqual([
    '0: +0 calls 1',
    '0: +4',
    '0: +8',
    '1: +12 back to +4',
  ]);
});

test.each([
  ['is too large', `jal ra, f\necall\nf: ${'addi a0, a0, 1\n'.repeat(8)}jalr zero, 0(ra)`],
  ['does not return', 'jal ra, f\necall\nf: addi a0, a0, 1\nj f'],
  ['cannot be translated throughout', 'jal ra, f\necall\nf: .word 0\njalr zero, 0(ra)'],
  ['goes on at a computed address', 'jal ra, f\necall\nf: beqz a0, g\njalr zero, 0(t3)\ng: jalr zero, 0(ra)'],
])('a function that %s stays a call', (_, source) => {
  expect(inlined(source)).toEqual(['0: +0', '0: +4']);
});

test('a function that calls others is inlined where it is very small, and its own calls are not', () => {
  const recursive = 'jal ra, f\necall\nf: mv s0, ra\njal ra, f\njalr zero, 0(s0)';
  expect(inlined(`${recursive}\njalr zero, 0(ra)`)).toEqual(['0: +0', '0: +4']);
  expect(inlined('f: beqz a0, g\njal ra, f\ng: jalr zero, 0(ra)')).toEqual([
    '0: +0',
    '0: +4 calls 1',
    '0: +8',
    '1: +0 back to +8',
    '1: +4 back to +8',
    '1: +8 back to +8',
  ]);
});

test('each function that a computed call may lead to has blocks of its own', () => {
  const source = 'jalr ra, 0(a1)\necall\nf: addi a0, a0, 1\nret\ng: addi a0, a0, 2\nret\nh: ecall';
  expect(inlined(source, limits, [8, 16, 24, 4])).toEqual([
    '0: +0 may call 1 may call 2',
    '0: +4',
    '1: +8 back to +4',
    '2: +16 back to +4',
  ]);
});

import { describe, expect, test } from '@jest/globals';
import { assemble } from '../isa/assembler.ts';
import { riscv64 } from '../isa/riscv64/riscv64.ts';
import { BlockBuilder } from './builder.ts';
import { type ValueSource, valueSources } from './value-flow.ts';

const registers = new Map([
  ['x11', 0x2000n],
  ['x12', 7n],
  ['x13', 9n],
]);

/** What an instruction took for what it wrote to a register or to 8 bytes at an address. */
function sources(instruction: string, written: string | bigint): readonly string[] {
  const assembled = assemble(instruction, { isa: riscv64, origin: 0x1000n });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  const decoded = riscv64.decode(assembled.value.bytes);
  if (typeof decoded === 'string') throw new Error(decoded);
  const builder = new BlockBuilder(riscv64.layout);
  builder.instruction(decoded.length);
  decoded.lift(builder);
  const place =
    typeof written === 'string'
      ? { slot: riscv64.layout.slots.get(written)! }
      : { address: written, length: 8 };
  const state = {
    readSlot: ({ name }: { readonly name: string }) => registers.get(name) ?? 0n,
    load: () => 5n,
    counter: () => 0n,
  };
  return valueSources(builder.finish(), 0x1000n, state, place).map(text).sort();
}

const text = (source: ValueSource): string =>
  source.kind === 'register'
    ? source.slot.name
    : source.kind === 'memory'
      ? `0x${source.address.toString(16)}:${source.length}`
      : source.kind;

describe('the sources of a value', () => {
  test.each([
    ['add a0, a1, a2', 'x10', ['x11', 'x12']],
    ['addi a0, a1, 3', 'x10', ['x11']],
    ['lui a0, 1', 'x10', ['constant']],
    ['auipc a0, 1', 'x10', ['constant']],
    ['lw a0, 8(a1)', 'x10', ['0x2008:4']],
    ['sd a2, 16(a1)', 0x2010n, ['x12']],
    ['sb a2, 1(a1)', 0x2000n, ['x12']],
    ['amoadd.d a0, a2, (a1)', 0x2000n, ['0x2000:8', 'x12']],
    ['amoadd.d a0, a2, (a1)', 'x10', ['0x2000:8']],
    ['amoswap.d a0, a2, (a1)', 0x2000n, ['x12']],
    ['rdtime a0', 'x10', ['counter']],
    ['jal ra, 0x1010', 'x1', ['constant']],
  ] as const)('%s for %s are %j', (instruction, written, expected) => {
    expect(sources(instruction, written)).toEqual(expected);
  });

  test('are none for what the instruction does not write', () => {
    expect(sources('add a0, a1, a2', 'x14')).toEqual([]);
    expect(sources('sd a2, 16(a1)', 0x3000n)).toEqual([]);
  });
});

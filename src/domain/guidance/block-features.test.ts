import { expect, test } from '@jest/globals';
import { BlockBuilder } from '../ir/builder.ts';
import type { IrBlock } from '../ir/node.ts';
import { assemble } from '../isa/assembler.ts';
import { riscv64 } from '../isa/riscv64/riscv64.ts';
import { blockFeatures } from './block-features.ts';

function lifted(source: string): readonly IrBlock[] {
  const assembled = assemble(source, { isa: riscv64, origin: 0x1000n });
  if (!assembled.ok) throw new Error(assembled.error.map(({ message }) => message).join('\n'));
  const { bytes } = assembled.value;
  const blocks: IrBlock[] = [];
  for (let at = 0; at < bytes.length;) {
    const decoded = riscv64.decode(bytes, at, bytes.length);
    if (typeof decoded === 'string') throw new Error(decoded);
    const builder = new BlockBuilder(riscv64.layout);
    builder.instruction(decoded.length);
    decoded.lift(builder);
    blocks.push(builder.finish());
    at += decoded.length;
  }
  return blocks;
}

const none = {
  loads: 0,
  stores: 0,
  floats: 0,
  backward: 0,
  calls: 0,
  returns: 0,
  indirect: 0,
};

test.each([
  ['add a0, a1, a2', { instructions: 1 }],
  [
    'ld a0, 0(a1)\nsd a0, 8(a1)\nfadd.d fa0, fa1, fa2\nret',
    { instructions: 4, loads: 1, stores: 1, floats: 1, returns: 1, indirect: 1 },
  ],
  ['amoadd.w a0, a1, (a2)', { instructions: 1, loads: 1, stores: 1 }],
  ['loop: addi a0, a0, -1\nbnez a0, loop', { instructions: 2, backward: 1 }],
  ['beqz a0, on\non: nop', { instructions: 2 }],
  ['self: j self', { instructions: 1, backward: 1 }],
  ['jal ra, 0x800', { instructions: 1, calls: 1 }],
  ['jalr ra, 0(a0)', { instructions: 1, calls: 1, indirect: 1 }],
  ['jr a0', { instructions: 1, indirect: 1 }],
])('%j has the features %j', (source, expected) => {
  expect(blockFeatures(lifted(source))).toEqual({ ...none, ...expected });
});

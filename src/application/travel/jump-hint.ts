import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { JumpHint } from '../../domain/ir/node.ts';
import type { Decoded, InstructionSet } from '../../domain/isa/instruction-set.ts';

/** The instruction at an address; undefined where none can be read. */
export function decodedAt(
  isa: InstructionSet,
  pc: bigint,
  memory: (address: bigint, length: number) => Uint8Array | undefined,
): Decoded | undefined {
  for (let length = isa.maxLength; length > 0; length -= isa.alignment) {
    const bytes = memory(pc, length);
    const decoded = bytes && isa.decode(bytes);
    if (typeof decoded === 'object') return decoded;
  }
  return undefined;
}

/** Whether an instruction calls or returns, as the instruction set hints. */
export function jumpHint(isa: InstructionSet, decoded: Decoded): JumpHint {
  const builder = new BlockBuilder(isa.layout);
  builder.instruction(decoded.length);
  decoded.lift(builder);
  if (!builder.closed) return 'none';
  const last = builder.finish().nodes.at(-1);
  return last?.op === 'jump' ? last.attr.hint : 'none';
}

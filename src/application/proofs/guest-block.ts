import { BlockBuilder } from '../../domain/ir/builder.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { isFloat } from '../../domain/ir/types.ts';
import type { InstructionSet } from '../../domain/isa/instruction-set.ts';

/** A block of guest code with its meaning. */
export interface GuestBlock {
  readonly code: Uint8Array;
  readonly listing: readonly string[];
  readonly raw: IrBlock;
  readonly float: boolean;
}

/** Lifts code that lies at an address, up to the instruction that ends it; undefined where none can be decoded. */
export function guestBlock(isa: InstructionSet, code: Uint8Array, address: bigint): GuestBlock | undefined {
  const ir = new BlockBuilder(isa.layout);
  const listing: string[] = [];
  let at = 0;
  while (at < code.length && !ir.closed) {
    const decoded = isa.decode(code, at);
    if (typeof decoded === 'string') break;
    ir.instruction(decoded.length);
    decoded.lift(ir);
    listing.push(isa.disassemble(decoded, address + BigInt(at)));
    at += decoded.length;
  }
  if (listing.length === 0) return undefined;
  const raw = ir.finish();
  const float = raw.nodes.some(({ type }) => type !== 'void' && isFloat(type));
  return { code: code.subarray(0, at), listing, raw, float };
}

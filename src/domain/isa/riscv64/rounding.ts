import type { BlockBuilder } from '../../ir/builder.ts';
import type { Value } from '../../ir/node.ts';
import { frm } from './state.ts';

/** The rm field's value that means "use frm" (unpriv 20.2). */
export const dynamic = 7;

/**
 * The rounding mode of an instruction whose rm field is `rm`, as the i8 operand of a float op. Static modes 5 and 6
 * are reserved, as is any dynamic mode ≥ 5: illegal instruction. When this gives undefined, the instruction has
 * already been ended by a trap and semantics must return. Call it before any write to guest state.
 */
export function roundingMode(ir: BlockBuilder, rm: number): Value<'i8'> | undefined {
  if (rm < 5) return ir.i8(rm);
  if (rm !== dynamic) {
    ir.trap('illegal-instruction');
    return undefined;
  }
  const mode = ir.read(frm);
  ir.trapIf(ir.leU(ir.i8(5), mode), 'illegal-instruction');
  return mode;
}

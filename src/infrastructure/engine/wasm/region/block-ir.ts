import { BlockBuilder } from '../../../../domain/ir/builder.ts';
import type { IrBlock } from '../../../../domain/ir/node.ts';
import { forwardState } from '../../../../domain/ir/optimiser/forward-state.ts';
import { optimise } from '../../../../domain/ir/optimiser/optimise.ts';
import type { Surroundings } from '../../../../domain/ir/optimiser/pass.ts';
import { raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import type { BasicBlock } from './region-discovery.ts';
import { isLowerable } from './translatable.ts';

/**
 * The IR of a block's instructions together, optimised. `guarded`: which accesses trap by themselves; `marked`: whether accesses are
 * marked, so that none may be left out.
 */
export function blockIr({ instructions }: BasicBlock, guarded: Guarded, marked: boolean): IrBlock {
  const builder = new BlockBuilder(instructions[0]!.lifted.block.layout);
  for (const { lifted } of instructions) {
    builder.instruction(lifted.decoded.length);
    lifted.decoded.lift(builder);
  }
  const joined = builder.finish();
  // Off their fast path float operations leave. A memory with pages that can only be written is not guarded.
  const surroundings: Surroundings = {
    mayLeave: raisesFlags,
    writableIsReadable: guarded !== 'nothing' && !marked,
  };
  const optimised = optimise(joined, { surroundings });
  return isLowerable(optimised) ? optimised : optimise(joined, { passes: [forwardState] });
}

import type { IrBlock } from '../../../../domain/ir/node.ts';
import { widths } from '../../../../domain/ir/types.ts';
import type { LiftedInstruction } from '../../golden/instruction-source.ts';
import { FunctionBody } from '../codegen/function-body.ts';
import { UnsupportedIr } from '../lowering/unsupported-ir.ts';
import { planOf } from '../lowering/value-plan.ts';
import { type BlockContext, BlockEmitter } from './block-emitter.ts';
import { TempPool } from './temp-pool.ts';

const known = new WeakMap<IrBlock, boolean>();
const rarelyNarrow: ReadonlySet<string> = new Set(['rotl', 'rotr', 'byteSwap']);

/** Whether the wasm engine has a lowering for all of an instruction's IR. */
export function isTranslatable({ block }: LiftedInstruction): boolean {
  let answer = known.get(block);
  if (answer === undefined) known.set(block, (answer = isLowerable(block)));
  return answer;
}

/** Whether the wasm engine has a lowering for all of a block. */
export function isLowerable(block: IrBlock): boolean {
  const doubtful = block.nodes.some(
    (node) =>
      [node, ...node.args].some(({ type }) => type !== 'void' && widths[type] > 64) ||
      (node.attr && 'endian' in node.attr && node.attr.endian === 'big') ||
      (rarelyNarrow.has(node.op) && node.type !== 'void' && widths[node.type] < 32),
  );
  return !doubtful || emits(block);
}

/** Tries the lowerings in a function that is thrown away. */
function emits(block: IrBlock): boolean {
  const code = new FunctionBody([]);
  const nothing = () => undefined;
  const context: BlockContext = {
    marks: undefined,
    code,
    memorySize: 0,
    address: 0,
    slot: () => 0,
    before: new Map(),
    imported: () => 0,
    callsSlowPath: () => true,
    leaveToStep: nothing,
    leaveForSlowPath: nothing,
    retired: nothing,
    leaveToSystem: nothing,
    goToAddress: nothing,
    goToComputed: nothing,
    branch: nothing,
  };
  try {
    new BlockEmitter(context, new TempPool(code), block, planOf(block, 'nothing')).emit();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedIr) return false;
    throw error;
  }
}

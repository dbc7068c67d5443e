import type { IrBlock, Node } from '../../../../domain/ir/node.ts';
import { opOf, type OpName, raisesFlags } from '../../../../domain/ir/ops.ts';
import type { FlowGraph } from './flow-graph.ts';
import type { BlockEnd, SlotFlow } from './slot-flow.ts';

/**
 * A block that does nothing but compute a little, and that a branch skips: both ways lead to the same place. It is computed in any case,
 * and what it has written is chosen or not: there is no branch for the host to mispredict, which costs more than so
 * few instructions do. Compilers for hosts with conditional moves do the same; RISC-V has none, so guest code is full of such branches.
 */
export interface ShortArm {
  /** The block, and the one that follows in both cases. */
  readonly block: number;
  readonly to: number;
  /** Whether the branch's condition skips it, or its opposite. */
  readonly skippedWhen: boolean;
}

const maxInstructions = 3;
const slow: ReadonlySet<OpName> = new Set<OpName>(['divU', 'divS', 'remU', 'remS', 'mulHighSU', 'byteSwap']);

/** The short arm of the branch at the end of a block, if there is one. Law: what it writes is wanted where both ways meet. */
export function shortArm(
  node: number,
  { successors, merges, loops }: FlowGraph,
  ends: readonly BlockEnd[],
  irs: readonly IrBlock[],
  flows: readonly SlotFlow[],
): ShortArm | undefined {
  if (irs[node]!.nodes.at(-1)!.op !== 'branch' || successors[node]!.length !== 2) return undefined;
  const [otherwise, taken] = ends[node]!.inside;
  const joins = (block: number, to: number): boolean =>
    !merges.has(block) &&
    !loops.has(block) &&
    !ends[block]!.leaves &&
    ends[block]!.returnsTo === undefined &&
    successors[block]!.length === 1 &&
    successors[block]![0] === to &&
    irs[block]!.instructionCount <= maxInstructions &&
    irs[block]!.nodes.every((op) => isHarmless(op, irs[block]!)) &&
    (flows[block]!.written & ~flows[to]!.live) === 0n;
  if (joins(otherwise!, taken!)) return { block: otherwise!, to: taken!, skippedWhen: true };
  if (joins(taken!, otherwise!)) return { block: taken!, to: otherwise!, skippedWhen: false };
  return undefined;
}

function isHarmless(node: Node, { layout }: IrBlock): boolean {
  if (node.op === 'write') return node.attr.slot !== layout.fpExceptions;
  const marksOrEnds = node.op === 'instruction' || node.op === 'next' || node.op === 'jump';
  if (marksOrEnds || node.op === 'read') return true;
  return opOf(node.op).effect === 'none' && !raisesFlags(node.op) && !slow.has(node.op);
}

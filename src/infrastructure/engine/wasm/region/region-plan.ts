import type { IrBlock } from '../../../../domain/ir/node.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import { planOf, type ValuePlan } from '../lowering/value-plan.ts';
import { blockIr } from './block-ir.ts';
import { type FlowGraph, flowGraph } from './flow-graph.ts';
import { isCall, type RegionBlock, successors } from './region-discovery.ts';
import { type BlockEnd, type SlotFlow, slotFlow, type SlotSet } from './slot-flow.ts';

export interface PlannedBlock extends RegionBlock, SlotFlow {
  /** The address that a call at the end of the block returns to. */
  readonly returnsTo: number | undefined;
  readonly ir: IrBlock;
  readonly values: ValuePlan;
  /** Instructions on the longest way from here to the next check of what remains. */
  readonly longestWay: number;
}

/**
 * What is to be known of a region before code is made of it. Law: what remains is checked where the region is entered, after
 * a call, and before each round of a loop but the first.
 */
export interface RegionPlan {
  readonly graph: FlowGraph;
  /** The blocks reached from the entry, which is the first. */
  readonly blocks: readonly PlannedBlock[];
  readonly indexOf: ReadonlyMap<number, number>;
  readonly slots: readonly Slot[];
  bitOf(slot: Slot): SlotSet;
}

/**
 * `entry`: the address of one of the blocks; `guarded`: which accesses trap by themselves; `marked`: whether accesses are
 * marked.
 */
export function planRegion(
  found: readonly RegionBlock[],
  entry: number,
  guarded: Guarded,
  marked: boolean,
): RegionPlan {
  const reached = reachedFrom(entry, found);
  const indexOf = new Map(reached.map(({ address }, index) => [address, index]));
  const ends = reached.map((block) => endOf(block, indexOf));
  const graph = flowGraph(ends.map(({ inside }) => inside));
  const irs = reached.map((block) => blockIr(block, guarded, marked));
  const { slots, flows, bitOf } = slotFlow(graph, irs, ends, guarded);
  const lengths = longestWays(graph, reached, ends);
  const blocks = reached.map((block, index) => {
    const ir = irs[index]!;
    const flow = flows[index]!;
    const values = planOf(ir, guarded, membersOf(flow.liveAfter, slots));
    const { returnsTo } = ends[index]!;
    return { ...block, ...flow, ir, values, returnsTo, longestWay: lengths[index]! };
  });
  return { graph, blocks, indexOf, slots, bitOf };
}

const membersOf = (set: SlotSet, slots: readonly Slot[]): ReadonlySet<Slot> =>
  new Set(slots.filter((_, number) => (set >> BigInt(number)) & 1n));

function targetsOf({ instructions, end }: RegionBlock): readonly number[] {
  const { address, lifted } = instructions.at(-1)!;
  const { nodes } = lifted.block;
  const last = nodes.at(-1)!;
  return last.op === 'next' ? [end] : successors(last, nodes, address, end);
}

function endOf(block: RegionBlock, indexOf: ReadonlyMap<number, number>): BlockEnd {
  const last = block.instructions.at(-1)!.lifted.block.nodes.at(-1)!;
  const targets = targetsOf(block);
  const inside = targets.flatMap((target) => indexOf.get(target) ?? []);
  // A jump to a computed address has no targets.
  const leaves = targets.length === 0 || inside.length < targets.length;
  return { inside, leaves, returnsTo: isCall(last) ? block.end : undefined };
}

function reachedFrom(entry: number, found: readonly RegionBlock[]): readonly RegionBlock[] {
  const byAddress = new Map(found.map((block) => [block.address, block]));
  const reached: RegionBlock[] = [byAddress.get(entry)!];
  const seen = new Set([entry]);
  for (const block of reached)
    for (const target of targetsOf(block)) {
      const next = byAddress.get(target);
      if (!next || seen.has(target)) continue;
      seen.add(target);
      reached.push(next);
    }
  return reached;
}

function longestWays(
  { order, successors: edges, isBackEdge }: FlowGraph,
  blocks: readonly RegionBlock[],
  ends: readonly BlockEnd[],
): readonly number[] {
  const lengths = blocks.map(({ instructions }) => instructions.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at]!;
    if (ends[node]!.returnsTo !== undefined) continue;
    const beyond = edges[node]!.map((to) => (isBackEdge(node, to) ? 0 : lengths[to]!));
    lengths[node] = lengths[node]! + Math.max(0, ...beyond);
  }
  return lengths;
}

import type { IrBlock } from '../../../../domain/ir/node.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import { planOf, type ValuePlan } from '../lowering/value-plan.ts';
import { blockIr } from './block-ir.ts';
import { type FlowGraph, flowGraph } from './flow-graph.ts';
import { returnsInside, targetsOf } from './inlined-calls.ts';
import { calleeOf, type Frame, type Guess, isCall, type RegionBlock } from './region-discovery.ts';
import { type BlockEnd, type SlotFlow, slotFlow, type SlotSet } from './slot-flow.ts';

export interface PlannedBlock extends RegionBlock, SlotFlow {
  /** The address that a call of what lies beyond the region, at the end of the block, returns to. */
  readonly returnsTo: number | undefined;
  /** The address at which the caller's part of the region goes on when the block's end returns there. */
  readonly returnsInside: number | undefined;
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
  readonly slots: readonly Slot[];
  bitOf(slot: Slot): SlotSet;
  /** The block at an address, if an edge of the region leads there. */
  successor(from: number, address: number): number | undefined;
  /** The block at the address of a guess. */
  guessed(from: number, guess: Guess): number | undefined;
}

/**
 * `entry`: the address of one of the function's own blocks; `guarded`: which accesses trap by themselves; `marked`: whether accesses are
 * marked.
 */
export function planRegion(
  found: readonly RegionBlock[],
  entry: number,
  guarded: Guarded,
  marked: boolean,
): RegionPlan {
  const reached = reachedFrom(entry, found);
  const indexOf = new Map(reached.map((block, index) => [placeOf(block), index]));
  const ends = reached.map((block) => endOf(block, indexOf));
  const graph = flowGraph(ends.map(({ inside }) => inside));
  const irs = reached.map((block) => blockIr(block, guarded, marked));
  const { slots, flows, bitOf } = slotFlow(graph, irs, ends, guarded);
  const lengths = longestWays(graph, reached, ends);
  const blocks = reached.map((block, index) => {
    const ir = irs[index]!;
    const flow = flows[index]!;
    const values = planOf(ir, guarded, membersOf(flow.wantedAfter, slots));
    const { returnsTo } = ends[index]!;
    const inside = returnsInside(block) ? block.frame.caller!.returnsTo : undefined;
    return { ...block, ...flow, ir, values, returnsTo, returnsInside: inside, longestWay: lengths[index]! };
  });
  const successor = (from: number, address: number) =>
    graph.successors[from]!.find((to) => reached[to]!.address === address);
  const guessed = (from: number, guess: Guess) => {
    const to = indexOf.get(placeOf(guess));
    return graph.successors[from]!.find((known) => known === to);
  };
  return { graph, blocks, slots, bitOf, successor, guessed };
}

const membersOf = (set: SlotSet, slots: readonly Slot[]): ReadonlySet<Slot> =>
  new Set(slots.filter((_, number) => (set >> BigInt(number)) & 1n));

/** A block's name within a region: two calls of a function have blocks at the same addresses. */
type Place = `${number}:${number}`;
const placeOf = ({ frame, address }: { readonly frame: Frame; readonly address: number }): Place =>
  `${frame.number}:${address}`;

/** What may follow a block within the region, as far as that has it. */
function placesAfter(block: RegionBlock): readonly Place[] {
  if (block.calls) return [placeOf({ frame: block.calls, address: calleeOf(block)! })];
  if (returnsInside(block)) {
    const { frame, returnsTo } = block.frame.caller!;
    return [placeOf({ frame, address: returnsTo })];
  }
  const known = targetsOf(block).map((address) => placeOf({ frame: block.frame, address }));
  return [...(block.guesses ?? []).map(placeOf), ...known];
}

function endOf(block: RegionBlock, indexOf: ReadonlyMap<Place, number>): BlockEnd {
  const last = block.instructions.at(-1)!.lifted.block.nodes.at(-1)!;
  const places = placesAfter(block);
  const inside = places.flatMap((place) => indexOf.get(place) ?? []);
  // A jump to a computed address has no targets; one that returns, or is guessed, may go elsewhere.
  const mayMiss = returnsInside(block) || block.guesses !== undefined;
  const leaves = places.length === 0 || inside.length < places.length || mayMiss;
  const returnsTo = isCall(last) && !block.calls ? block.end : undefined;
  const back = returnsTo !== undefined && indexOf.get(placeOf({ frame: block.frame, address: returnsTo }));
  return { inside, leaves, returnsTo, returnsIn: back === false ? undefined : back };
}

function reachedFrom(entry: number, found: readonly RegionBlock[]): readonly RegionBlock[] {
  const byPlace = new Map(found.map((block) => [placeOf(block), block]));
  const first = found.find(({ frame, address }) => frame.number === 0 && address === entry)!;
  const reached = new Set([first]);
  for (const block of reached)
    for (const place of placesAfter(block)) {
      const next = byPlace.get(place);
      if (next) reached.add(next);
    }
  return [...reached];
}

function longestWays(
  { order, successors: edges, isBackEdge }: FlowGraph,
  blocks: readonly RegionBlock[],
  ends: readonly BlockEnd[],
): readonly number[] {
  const lengths = blocks.map(({ instructions }) => instructions.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at]!;
    // What remains is checked behind a call.
    const isChecked = (to: number) => isBackEdge(node, to) || to === ends[node]!.returnsIn;
    const beyond = edges[node]!.map((to) => (isChecked(to) ? 0 : lengths[to]!));
    lengths[node] = lengths[node]! + Math.max(0, ...beyond);
  }
  return lengths;
}

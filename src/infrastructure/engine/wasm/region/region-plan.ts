import type { IrBlock } from '../../../../domain/ir/node.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import { planOf, type ValuePlan } from '../lowering/value-plan.ts';
import { blockIr } from './block-ir.ts';
import { type FlowGraph, flowGraph } from './flow-graph.ts';
import { isCall, type RegionBlock, successors } from './region-discovery.ts';

/** A set of state slots: bit n is the n-th of {@link RegionPlan.slots}. */
export type SlotSet = bigint;

export interface PlannedBlock extends RegionBlock {
  /** The address that a call at the end of the block returns to. */
  readonly returnsTo: number | undefined;
  /** Slots whose local may differ from the state block when the block is entered. */
  readonly dirty: SlotSet;
  /** Slots whose local must hold the slot's value when the block is entered. */
  readonly live: SlotSet;
  /** For a loop header: what the loop writes; it is not entered with anything else dirty. */
  readonly loopWrites: SlotSet | undefined;
  /** What the block writes. */
  readonly written: SlotSet;
  readonly ir: IrBlock;
  readonly values: ValuePlan;
  /** Instructions on the longest way from here to the next check of what remains. */
  readonly longestWay: number;
}

/**
 * What is to be known of a region before code is made of it. Laws: a local that is dirty at a way out is live there, so
 * that writing it back is right on every way in; a call leaves nothing dirty and brings in what is live after it; a
 * loop is entered with nothing dirty but what it writes, so that its ways out keep few registers busy; what remains is checked where the region is entered, after a call, and before each round of a loop but the first.
 */
export interface RegionPlan {
  readonly graph: FlowGraph;
  /** The blocks reached from the entry, which is the first. */
  readonly blocks: readonly PlannedBlock[];
  readonly indexOf: ReadonlyMap<number, number>;
  readonly slots: readonly Slot[];
}

/** `entry`: the address of one of the blocks; `guarded`: whether loads trap by themselves. */
export function planRegion(found: readonly RegionBlock[], entry: number, guarded: boolean): RegionPlan {
  const reached = reachedFrom(entry, found);
  const indexOf = new Map(reached.map(({ address }, index) => [address, index]));
  const ends = reached.map(endOf);
  const inside = ends.map(({ targets }) => targets.flatMap((target) => indexOf.get(target) ?? []));
  const graph = flowGraph(inside);
  const slots = new SlotNumbers();
  const effects = reached.map((block) => effectsOf(block, guarded, slots));
  const loopWrites = reached.map((_, index) => writtenInLoop(graph, effects, index));
  const dirty = dirtyAtEntry(graph, ends, effects, loopWrites);
  const live = liveAtEntry(graph, effects, dirty);
  const lengths = longestWays(graph, reached, ends);
  const blocks = reached.map((block, index) => ({
    ...block,
    returnsTo: ends[index]!.returnsTo,
    dirty: dirty[index]!,
    live: live[index]!,
    loopWrites: loopWrites[index],
    written: effects[index]!.written,
    ir: effects[index]!.ir,
    values: effects[index]!.values,
    longestWay: lengths[index]!,
  }));
  return { graph, blocks, indexOf, slots: slots.all };
}

interface BlockEnd {
  readonly targets: readonly number[];
  readonly returnsTo: number | undefined;
}

function endOf({ instructions, end }: RegionBlock): BlockEnd {
  const { address, lifted } = instructions.at(-1)!;
  const { nodes } = lifted.block;
  const last = nodes.at(-1)!;
  if (last.op === 'next') return { targets: [end], returnsTo: undefined };
  return { targets: successors(last, nodes, address, end), returnsTo: isCall(last) ? end : undefined };
}

function reachedFrom(entry: number, found: readonly RegionBlock[]): readonly RegionBlock[] {
  const byAddress = new Map(found.map((block) => [block.address, block]));
  const reached: RegionBlock[] = [byAddress.get(entry)!];
  const seen = new Set([entry]);
  for (const block of reached)
    for (const target of endOf(block).targets) {
      const next = byAddress.get(target);
      if (!next || seen.has(target)) continue;
      seen.add(target);
      reached.push(next);
    }
  return reached;
}

class SlotNumbers {
  readonly all: Slot[] = [];
  readonly #numbers = new Map<Slot, number>();

  setOf(slots: readonly Slot[]): SlotSet {
    let set = 0n;
    for (const slot of slots) {
      let number = this.#numbers.get(slot);
      if (number === undefined) this.#numbers.set(slot, (number = this.all.push(slot) - 1));
      set |= 1n << BigInt(number);
    }
    return set;
  }
}

interface Effects {
  readonly ir: IrBlock;
  readonly values: ValuePlan;
  readonly needs: SlotSet;
  readonly written: SlotSet;
}

function effectsOf(block: RegionBlock, guarded: boolean, slots: SlotNumbers): Effects {
  const ir = blockIr(block, guarded);
  const values = planOf(ir, guarded);
  return { ir, values, needs: slots.setOf(values.slotsRead), written: slots.setOf(values.slotsWritten) };
}

function writtenInLoop(
  { loops }: FlowGraph,
  effects: readonly Effects[],
  header: number,
): SlotSet | undefined {
  const members = loops.get(header);
  return members && [...members].reduce((set, node) => set | effects[node]!.written, 0n);
}

function dirtyAtEntry(
  { order, successors: edges }: FlowGraph,
  ends: readonly BlockEnd[],
  effects: readonly Effects[],
  loopWrites: readonly (SlotSet | undefined)[],
): readonly SlotSet[] {
  const dirty = effects.map(() => 0n);
  for (let changed = true; changed;) {
    changed = false;
    for (const from of order) {
      const out = ends[from]!.returnsTo === undefined ? dirty[from]! | effects[from]!.written : 0n;
      for (const to of edges[from]!) {
        const set = dirty[to]! | (loopWrites[to] === undefined ? out : out & loopWrites[to]);
        if (set === dirty[to]) continue;
        dirty[to] = set;
        changed = true;
      }
    }
  }
  return dirty;
}

/** Every block can be left before its first instruction, so what is dirty there is live. */
function liveAtEntry(
  { order, successors: edges }: FlowGraph,
  effects: readonly Effects[],
  dirty: readonly SlotSet[],
): readonly SlotSet[] {
  const live = effects.map(({ needs }, index) => needs | dirty[index]!);
  for (let changed = true; changed;) {
    changed = false;
    for (let at = order.length - 1; at >= 0; at--) {
      const node = order[at]!;
      let set = live[node]!;
      for (const to of edges[node]!) set |= live[to]! & ~effects[node]!.written;
      if (set === live[node]) continue;
      live[node] = set;
      changed = true;
    }
  }
  return live;
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

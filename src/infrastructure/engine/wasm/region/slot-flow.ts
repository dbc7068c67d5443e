import type { IrBlock } from '../../../../domain/ir/node.ts';
import { mayFault, raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import { trapsByItself } from '../lowering/addressing.ts';
import type { FlowGraph } from './flow-graph.ts';

/** A set of state slots: bit n is the n-th of {@link RegionPlan.slots}. */
export type SlotSet = bigint;

/** Where a block's end leads. */
export interface BlockEnd {
  /** The blocks of the region that may follow. */
  readonly inside: readonly number[];
  /** Whether something beyond the region may follow. */
  readonly leaves: boolean;
  /** The address that a call returns to, and the block that is there: a call may lead to it, and what it leads to besides is guessed. */
  readonly returnsTo: number | undefined;
  readonly returnsIn: number | undefined;
}

/**
 * The guest's state around a block. Laws: where a slot is dirty and live, its local holds its value; where it is dirty and not
 * live, it is written again before anyone looks, the host included; where it is not dirty, the state block holds its value. A
 * call leaves nothing dirty. A loop is entered with nothing dirty but what it writes, so that its ways out keep few registers busy.
 */
export interface SlotFlow {
  /** Slots whose value the state block may not hold when the block is entered. */
  readonly dirty: SlotSet;
  /** Slots whose local must hold the slot's value when the block is entered. */
  readonly live: SlotSet;
  /** Slots that a block may read that follows without another way in. */
  readonly read: SlotSet;
  /** What is read in a block that may follow, or live in one that has other ways in. */
  readonly wantedAfter: SlotSet;
  /** For a loop header: what the loop writes. */
  readonly loopWrites: SlotSet | undefined;
  readonly written: SlotSet;
}

export function slotFlow(
  graph: FlowGraph,
  irs: readonly IrBlock[],
  ends: readonly BlockEnd[],
  guarded: Guarded,
): {
  readonly slots: readonly Slot[];
  readonly flows: readonly SlotFlow[];
  bitOf(slot: Slot): SlotSet;
} {
  const numbers = new SlotNumbers();
  const effects = irs.map((ir) => effectsOf(ir, guarded, numbers));
  const loopWrites = irs.map((_, index) => writtenInLoop(graph, effects, index));
  const dirty = dirtyAtEntry(graph, ends, effects, loopWrites);
  const live = liveAtEntry(graph, ends, effects, dirty);
  const { read, wantedAfter } = wantedInLine(graph, ends, effects, live);
  const flows = irs.map((_, index) => ({
    dirty: dirty[index]!,
    live: live[index]!,
    read: read[index]!,
    wantedAfter: wantedAfter[index]!,
    loopWrites: loopWrites[index],
    written: effects[index]!.written,
  }));
  return { slots: numbers.all, flows, bitOf: (slot) => numbers.bit(slot) };
}

class SlotNumbers {
  readonly all: Slot[] = [];
  readonly #bits = new Map<Slot, bigint>();

  bit(slot: Slot): SlotSet {
    let bit = this.#bits.get(slot);
    if (bit === undefined) this.#bits.set(slot, (bit = 1n << BigInt(this.all.push(slot) - 1)));
    return bit;
  }
}

interface Effects {
  /** Slots whose value at the block's beginning is read. */
  readonly needs: SlotSet;
  readonly written: SlotSet;
  /** What is written by instructions before the first that may be left before it executes; undefined if there is none such. */
  readonly writtenBeforeExit: SlotSet | undefined;
}

function effectsOf({ nodes, layout }: IrBlock, guarded: Guarded, numbers: SlotNumbers): Effects {
  let [needs, written, writtenBefore] = [0n, 0n, 0n];
  let writtenBeforeExit: SlotSet | undefined;
  for (const node of nodes) {
    if (node.op === 'instruction') writtenBefore = written;
    else if (node.op === 'read') needs |= numbers.bit(node.attr.slot);
    else if (node.op === 'write') written |= numbers.bit(node.attr.slot);
    // The exact path of a float op consults the sticky exceptions.
    if (node.op === 'raise' || raisesFlags(node.op)) needs |= numbers.bit(layout.fpExceptions);
    if (node.op === 'raise') written |= numbers.bit(layout.fpExceptions);
    const mayLeave = raisesFlags(node.op) || (mayFault(node.op) && !trapsByItself(node, guarded));
    if (mayLeave) writtenBeforeExit ??= writtenBefore;
  }
  return { needs, written, writtenBeforeExit };
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
      for (const to of edges[from]!) {
        const out = to === ends[from]!.returnsIn ? 0n : dirty[from]! | effects[from]!.written;
        const set = dirty[to]! | (loopWrites[to] === undefined ? out : out & loopWrites[to]);
        if (set === dirty[to]) continue;
        dirty[to] = set;
        changed = true;
      }
    }
  }
  return dirty;
}

/** What is dirty must be at hand wherever it is stored: on the way out, before a call, a loop, or another round of one. */
function liveAtEntry(
  { order, successors: edges, isBackEdge, loops }: FlowGraph,
  ends: readonly BlockEnd[],
  effects: readonly Effects[],
  dirty: readonly SlotSet[],
): readonly SlotSet[] {
  const live = effects.map(({ needs, written, writtenBeforeExit }, index) => {
    const { inside, leaves, returnsTo } = ends[index]!;
    // An edge that the graph has cut leaves as well.
    const isCut = (to: number) => !edges[index]!.includes(to);
    const storesAtEnd =
      leaves ||
      returnsTo !== undefined ||
      inside.some((to) => isCut(to) || isBackEdge(index, to) || loops.has(to));
    const stored = storesAtEnd ? ~written : 0n;
    const storedBefore = writtenBeforeExit === undefined ? 0n : ~writtenBeforeExit;
    return needs | (dirty[index]! & (stored | storedBefore));
  });
  for (let changed = true; changed;) {
    changed = false;
    for (let at = order.length - 1; at >= 0; at--) {
      const node = order[at]!;
      let set = live[node]!;
      for (const to of edges[node]!)
        if (to !== ends[node]!.returnsIn) set |= live[to]! & ~effects[node]!.written;
      if (set === live[node]) continue;
      live[node] = set;
      changed = true;
    }
  }
  return live;
}

/** Blocks with one way in get the values of the block before; only where ways meet must slots be in their locals. */
function wantedInLine(
  { order, successors: edges, merges, loops }: FlowGraph,
  ends: readonly BlockEnd[],
  effects: readonly Effects[],
  live: readonly SlotSet[],
): { readonly read: readonly SlotSet[]; readonly wantedAfter: readonly SlotSet[] } {
  const read = effects.map(({ needs }) => needs);
  const wantedAfter = effects.map(() => 0n);
  for (const node of order.toReversed()) {
    for (const to of edges[node]!)
      if (to !== ends[node]!.returnsIn)
        wantedAfter[node]! |= merges.has(to) || loops.has(to) ? live[to]! : read[to]!;
    read[node]! |= wantedAfter[node]! & ~effects[node]!.written;
  }
  return { read, wantedAfter };
}

import type { IrBlock } from '../node.ts';
import type { Slot } from '../types.ts';
import { runSymbolically, slotSymbol, type SymbolicAccess, type SymbolicExit } from './symbolic-block.ts';
import type { SymbolicMemory } from './symbolic-memory.ts';
import { definitionsOf, type GraphTerm, nameOf, TermGraph } from './term-graph.ts';

/** The question whether two blocks differ for some input. */
export type EquivalenceQuestion =
  /** No: every exit of one is an exit of the other, with terms that are the same. */
  | { readonly kind: 'same-terms' }
  | {
      readonly kind: 'formula';
      /** Has a model just when the blocks differ (with abstraction: when they may differ). */
      readonly script: string;
      readonly abstracted: boolean;
      /** Symbols that make up an input: slots by symbol, and the accesses with what memory held there. */
      readonly inputs: EquivalenceInputs;
    };

export interface EquivalenceInputs {
  readonly slots: readonly { readonly slot: Slot; readonly name: string }[];
  readonly address: string;
  readonly accesses: readonly { readonly address: string; readonly size: number; readonly faults: string }[];
  /** Bytes of memory that some value depends on. */
  readonly bytes: readonly { readonly address: string; readonly value: string }[];
}

/**
 * Asks whether `other` means what `block` means, for all inputs: the same exit, target, guest state and memory, after the same
 * number of instructions. Exits are matched by name, in order. An exit of one that the other lacks must be impossible.
 */
export function equivalenceOf(
  block: IrBlock,
  other: IrBlock,
  options: { readonly abstract: boolean },
): EquivalenceQuestion {
  const graph = new TermGraph(options);
  const [left, right] = [runSymbolically(block, graph), runSymbolically(other, graph)];
  const difference = new Comparison(graph).compare(left.exits, right.exits);
  if (difference.kind === 'constant' && difference.value === 0n) return { kind: 'same-terms' };
  const accesses = [...left.accesses, ...right.accesses];
  const slots = [...block.layout.slots.values()].map((slot) => slotSymbol(graph, slot));
  const terms = [
    difference,
    graph.symbol('i64', 'pc'),
    ...slots,
    ...accesses.flatMap(({ address, faults }) => [address, faults]),
  ];
  const bytes = bytesOf([difference]);
  return {
    kind: 'formula',
    script: [...definitionsOf(terms), `(assert (= ${nameOf(difference)} #b1))`].join('\n'),
    abstracted: graph.abstracted,
    inputs: {
      slots: [...block.layout.slots.values()].map((slot, at) => ({ slot, name: nameOf(slots[at]!) })),
      address: nameOf(graph.symbol('i64', 'pc')),
      accesses: accesses.map((each: SymbolicAccess) => ({
        address: nameOf(each.address),
        size: each.size,
        faults: nameOf(each.faults),
      })),
      bytes: bytes.map((term) => ({ address: nameOf(term.args[0]!), value: nameOf(term) })),
    },
  };
}

class Comparison {
  readonly #graph: TermGraph;
  #probes = 0;

  constructor(graph: TermGraph) {
    this.#graph = graph;
  }

  /** A bit: some exit is taken by one and not by the other, or differs. */
  compare(left: readonly SymbolicExit[], right: readonly SymbolicExit[]): GraphTerm {
    const graph = this.#graph;
    let difference = graph.constant('i1', 0);
    let reached = graph.constant('i1', 1);
    const note = (what: GraphTerm): void => {
      difference = graph.or(difference, graph.and(reached, what));
    };
    let next = 0;
    for (const exit of left) {
      const at = right.findIndex(({ name }, index) => index >= next && name === exit.name);
      // Exits of the other that this one lacks.
      for (const extra of at < 0 ? [] : right.slice(next, at)) note(extra.condition);
      if (at < 0) note(exit.condition);
      else {
        const match = right[at]!;
        note(graph.differ(exit.condition, match.condition));
        note(graph.and(exit.condition, this.#observable(exit, match)));
        next = at + 1;
      }
      reached = graph.and(reached, graph.not(exit.condition));
    }
    for (const extra of right.slice(next)) note(extra.condition);
    return difference;
  }

  /** A bit: something that can be seen at the exits differs. */
  #observable(a: SymbolicExit, b: SymbolicExit): GraphTerm {
    const graph = this.#graph;
    let difference = graph.constant('i1', 0);
    const note = (one: GraphTerm | undefined, other: GraphTerm | undefined): void => {
      if (one && other) difference = graph.or(difference, graph.differ(one, other));
    };
    note(a.target, b.target);
    for (const slot of new Set([...a.slots.keys(), ...b.slots.keys()]))
      note(a.slots.get(slot) ?? slotSymbol(graph, slot), b.slots.get(slot) ?? slotSymbol(graph, slot));
    if (!sameStores(a.memory, b.memory)) {
      const probe = graph.symbol('i64', `probe-${this.#probes++}`);
      note(a.memory.byte(probe), b.memory.byte(probe));
    }
    return difference;
  }
}

function sameStores({ stores: one }: SymbolicMemory, { stores: other }: SymbolicMemory): boolean {
  return (
    one.length === other.length &&
    one.every(({ condition, address, bytes }, at) => {
      const match = other[at]!;
      return (
        condition === match.condition &&
        address === match.address &&
        bytes.length === match.bytes.length &&
        bytes.every((byte, index) => byte === match.bytes[index])
      );
    })
  );
}

/** The bytes of unknown memory that terms depend on. */
function bytesOf(terms: readonly GraphTerm[]): readonly GraphTerm[] {
  const seen = new Set<GraphTerm>();
  const stack = [...terms];
  for (let term = stack.pop(); term; term = stack.pop()) {
    if (seen.has(term)) continue;
    seen.add(term);
    stack.push(...term.args);
  }
  return [...seen].filter((term) => term.kind === 'function' && term.name === 'memory');
}

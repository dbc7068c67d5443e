import type { IrBlock } from '../node.ts';
import type { Slot } from '../types.ts';
import {
  addressSymbol,
  runSymbolically,
  slotSymbol,
  type SymbolicExit,
  type SymbolicRun,
} from './symbolic-block.ts';
import type { SymbolicMemory } from './symbolic-memory.ts';
import { definitionsOf, type GraphTerm, nameOf, partsOf, TermGraph } from './term-graph.ts';

/** A question for a solver about two blocks; it has a model where they differ. */
export interface EquivalenceQuestion {
  readonly script: string;
  readonly inputs: EquivalenceInputs;
}

/** The names of what makes up an input in a script. */
export interface EquivalenceInputs {
  readonly slots: readonly { readonly slot: Slot; readonly name: string }[];
  readonly address: string;
  readonly accesses: readonly { readonly address: string; readonly size: number; readonly faults: string }[];
  /** Bytes of memory that some value depends on. */
  readonly bytes: readonly { readonly address: string; readonly value: string }[];
}

/** Two terms that stand at the same place, one in each block. */
export type TermPair = readonly [GraphTerm, GraphTerm];

/**
 * The claim that two blocks mean the same for all inputs: the same exit, target, guest state and memory, after the same number
 * of instructions. Exits are matched by name, in order. An exit of one that the other lacks must be impossible.
 */
export class BlockEquivalence {
  readonly #blocks: readonly [IrBlock, IrBlock];
  readonly #graph: TermGraph;
  #runs: readonly [SymbolicRun, SymbolicRun];
  #difference: GraphTerm;

  constructor(block: IrBlock, other: IrBlock, options: { readonly abstract: boolean }) {
    this.#blocks = [block, other];
    this.#graph = new TermGraph(options);
    this.#runs = this.#run();
    this.#difference = this.#compare();
  }

  /** The terms at all exits are the same: nothing is left to ask. */
  get holds(): boolean {
    return this.#difference.kind === 'constant' && this.#difference.value === 0n;
  }

  get abstracted(): boolean {
    return this.#graph.abstracted;
  }

  /** Whether the blocks differ for some input. */
  question(): EquivalenceQuestion {
    const graph = this.#graph;
    const difference = this.#difference;
    const slots = [...this.#blocks[0].layout.slots.values()].map((slot) => ({
      slot,
      symbol: slotSymbol(graph, slot),
    }));
    const accesses = this.#runs.flatMap((run) => run.accesses);
    const terms = [
      difference,
      addressSymbol(graph),
      ...slots.map(({ symbol }) => symbol),
      ...accesses.flatMap(({ address, faults }) => [address, faults]),
    ];
    return {
      script: [...definitionsOf(terms), `(assert (= ${nameOf(difference)} #b1))`].join('\n'),
      inputs: {
        slots: slots.map(({ slot, symbol }) => ({ slot, name: nameOf(symbol) })),
        address: nameOf(addressSymbol(graph)),
        accesses: accesses.map(({ address, size, faults }) => ({
          address: nameOf(address),
          size,
          faults: nameOf(faults),
        })),
        bytes: memoryIn(difference).map((term) => ({ address: nameOf(term.args[0]!), value: nameOf(term) })),
      },
    };
  }

  /**
   * Terms that should be equal and are not yet known to be, by the place where they meet, in the order in which the blocks
   * compute them: what each store stores and where, then what can be seen at each exit.
   */
  pairs(): readonly (readonly TermPair[])[] {
    const open = (pairs: readonly (readonly [GraphTerm, GraphTerm | undefined])[]): readonly TermPair[] =>
      pairs.filter((pair): pair is TermPair => pair[1] !== undefined && pair[0] !== pair[1]);
    const [left, right] = this.#runs.map(({ exits }) => exits.at(-1)!.memory.stores);
    const stores = left!.map(({ condition, address, bytes }, at) => {
      const match = right![at];
      return open([
        [condition, match?.condition],
        [address, match?.address],
        ...bytes.map((byte, index) => [byte, match?.bytes[index]] as const),
      ]);
    });
    const exits = matched(this.#runs[0].exits, this.#runs[1].exits).map(([one, other]) =>
      open([
        [one.condition, other?.condition],
        ...(one.target ? [[one.target, other?.target] as const] : []),
        ...[...one.slots].map(([slot, term]) => [term, other?.slots.get(slot)] as const),
      ]),
    );
    return [...stores, ...exits].filter((group) => group.length > 0);
  }

  /**
   * Whether two terms differ: for some input, or, asked in `general`, for some values of what both are made of, which is quicker
   * to see; when they do not, they do for no input either.
   */
  questionOf([one, other]: TermPair, general: boolean): string {
    const difference = this.#graph.differ(one, other);
    const parts = partsOf([other]);
    const shared = new Set(general ? [...partsOf([one])].filter((term) => parts.has(term)) : []);
    return [...definitionsOf([difference], shared), `(assert (= ${nameOf(difference)} #b1))`].join('\n');
  }

  /** Takes pairs for equal, which somebody has proved, and looks at the blocks again. */
  take(proved: readonly TermPair[]): void {
    for (const [one, other] of proved) this.#graph.equate(one, other);
    this.#runs = this.#run();
    this.#difference = this.#compare();
  }

  #run(): readonly [SymbolicRun, SymbolicRun] {
    const [block, other] = this.#blocks;
    return [runSymbolically(block, this.#graph), runSymbolically(other, this.#graph)];
  }

  #compare(): GraphTerm {
    return new Comparison(this.#graph).compare(this.#runs[0].exits, this.#runs[1].exits);
  }
}

type ExitPair = readonly [SymbolicExit, SymbolicExit | undefined, readonly SymbolicExit[]];

/** Each exit of one with the exit of the other that has its name, and those of the other that come before and have no match. */
function matched(left: readonly SymbolicExit[], right: readonly SymbolicExit[]): readonly ExitPair[] {
  let next = 0;
  return left.map((exit): ExitPair => {
    const at = right.findIndex(({ name }, index) => index >= next && name === exit.name);
    if (at < 0) return [exit, undefined, []];
    const before = right.slice(next, at);
    next = at + 1;
    return [exit, right[at], before];
  });
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
    let matches = 0;
    for (const [exit, match, before] of matched(left, right)) {
      for (const extra of before) note(extra.condition);
      matches += before.length;
      if (match) {
        matches++;
        note(graph.differ(exit.condition, match.condition));
        note(graph.and(exit.condition, this.#observable(exit, match)));
      } else note(exit.condition);
      reached = graph.and(reached, graph.not(exit.condition));
    }
    for (const extra of right.slice(matches)) note(extra.condition);
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

/** The bytes of unknown memory that a term depends on. */
const memoryIn = (whole: GraphTerm): readonly GraphTerm[] =>
  [...partsOf([whole])].filter((term) => term.kind === 'function' && term.name === 'memory');

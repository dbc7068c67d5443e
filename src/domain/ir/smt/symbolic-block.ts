import type { Access, IrBlock, Node, NodeWith } from '../node.ts';
import { opOf, raisesFlags } from '../ops.ts';
import { type IrType, type Slot, widths } from '../types.ts';
import { split, SymbolicMemory } from './symbolic-memory.ts';
import type { GraphTerm, TermGraph } from './term-graph.ts';

/** A place where control may leave a block, and everything that can be seen there. */
export interface SymbolicExit {
  /** What is known without values: kind, cause, instructions retired. Equal exits of two blocks have equal names. */
  readonly name: string;
  /** It is taken if this holds and no earlier exit is taken. */
  readonly condition: GraphTerm;
  /** Where control goes or which address faults; addresses are as the op table's `pc` plus a distance. */
  readonly target: GraphTerm | undefined;
  readonly slots: ReadonlyMap<Slot, GraphTerm>;
  readonly memory: SymbolicMemory;
}

/** A memory access whose admission is unknown: a predicate of its address. */
export interface SymbolicAccess {
  readonly address: GraphTerm;
  readonly size: number;
  /** A bit: it faults. */
  readonly faults: GraphTerm;
}

export interface SymbolicRun {
  readonly exits: readonly SymbolicExit[];
  readonly accesses: readonly SymbolicAccess[];
}

/** The symbol of what a slot holds before the block. */
export const slotSymbol = (graph: TermGraph, slot: Slot): GraphTerm =>
  graph.symbol(slot.type, `slot-${slot.name}`);
/** The symbol of the block's address. */
export const addressSymbol = (graph: TermGraph): GraphTerm => graph.symbol('i64', 'pc');

/**
 * Runs a block for all inputs at once, as the golden evaluator runs it for one. Whether an access faults is an uninterpreted
 * predicate of its kind, size and address, so nothing is assumed about what is mapped.
 */
export function runSymbolically(block: IrBlock, graph: TermGraph): SymbolicRun {
  return new SymbolicRunner(block, graph).run();
}

class SymbolicRunner {
  readonly #block: IrBlock;
  readonly #graph: TermGraph;
  readonly #values: GraphTerm[] = [];
  readonly #exits: SymbolicExit[] = [];
  readonly #accesses: SymbolicAccess[] = [];
  #slots = new Map<Slot, GraphTerm>();
  #memory: SymbolicMemory;
  #retired = -1;
  #current = 0;
  #following = 0;

  constructor(block: IrBlock, graph: TermGraph) {
    this.#block = block;
    this.#graph = graph;
    this.#memory = new SymbolicMemory(graph);
  }

  run(): SymbolicRun {
    for (const node of this.#block.nodes) this.#step(node);
    return { exits: this.#exits, accesses: this.#accesses };
  }

  #step(node: Node): void {
    const graph = this.#graph;
    const args = node.args.map(({ id }) => this.#values[id]!);
    const always = graph.constant('i1', 1);
    switch (node.op) {
      case 'instruction':
        this.#retired++;
        this.#current = node.attr.offset;
        this.#following = node.attr.offset + node.attr.length;
        return;
      case 'const':
        return this.#give(node, graph.constant(node.type as IrType, node.attr.value));
      case 'pc':
        return this.#give(node, this.#at(node.attr.offset));
      case 'read':
        return this.#give(node, this.#slot(node.attr.slot));
      case 'write':
        return void this.#slots.set(node.attr.slot, args[0]!);
      case 'counter':
        return this.#give(node, graph.symbol('i64', `counter-${node.attr.counter}-${this.#retired}`));
      case 'fpFlags':
        return this.#give(node, this.#exceptions(node));
      case 'raise': {
        const slot = this.#block.layout.fpExceptions;
        const raised = graph.operation('or', 'i32', [this.#slot(slot), this.#exceptions(node)]);
        return void this.#slots.set(slot, raised);
      }
      case 'load':
      case 'store':
      case 'storeIf':
      case 'rmw':
      case 'compareExchange':
        return this.#access(node, args);
      case 'fence':
        return;
      case 'trapIf':
        return this.#exit(`trap ${node.attr.cause}`, args[0]!, this.#at(this.#current));
      case 'trap':
        return this.#exit(`trap ${node.attr.cause}`, always, this.#at(this.#current));
      case 'jump':
        return this.#exit('continue', always, args[0]);
      case 'branch':
        return this.#exit('continue', always, graph.choose(args[0]!, args[1]!, args[2]!));
      case 'next':
        return this.#exit('continue', always, this.#at(this.#following));
      case 'syscall':
      case 'fenceInstruction':
        return this.#exit(node.op, always, this.#at(this.#following));
      default:
        if (opOf(node.op).effect !== 'none') throw new TypeError(`the op ${node.op} has no symbolic meaning`);
        this.#give(node, graph.operation(node.op, node.type as IrType, args, node.attr));
    }
  }

  #give(node: Node, term: GraphTerm): void {
    this.#values[node.id] = term;
  }

  #at = (offset: number): GraphTerm => this.#graph.add(addressSymbol(this.#graph), offset);

  #slot = (slot: Slot): GraphTerm => this.#slots.get(slot) ?? slotSymbol(this.#graph, slot);

  #exceptions({ args }: Node): GraphTerm {
    const operation = this.#block.nodes[args[0]!.id]!;
    if (!raisesFlags(operation.op)) throw new TypeError(`the op ${operation.op} raises nothing`);
    return this.#graph.exceptions(
      operation.op,
      operation.type as IrType,
      operation.args.map(({ id }) => this.#values[id]!),
    );
  }

  #exit(what: string, condition: GraphTerm, target: GraphTerm | undefined): void {
    if (condition.kind === 'constant' && condition.value === 0n) return;
    const name = `${what} after ${this.#retired} instructions`;
    const [slots, memory] = [new Map(this.#slots), this.#memory];
    this.#exits.push({ name, condition, target, slots, memory });
  }

  #access(
    node: NodeWith<'load' | 'store' | 'storeIf' | 'rmw' | 'compareExchange'>,
    args: readonly GraphTerm[],
  ): void {
    const graph = this.#graph;
    const always = graph.constant('i1', 1);
    const [condition, address, value] =
      node.op === 'storeIf' ? (args as [GraphTerm, GraphTerm, GraphTerm]) : [always, args[0]!, args[1]];
    const type = (node.op === 'load' ? node.type : value!.type) as IrType;
    const size = widths[type] / 8;
    const kind = node.op === 'load' ? 'load' : node.op.startsWith('store') ? 'store' : 'atomic';
    this.#admit(kind, node.attr, condition, address, size);
    const old = (): GraphTerm => this.#ordered(node.attr, this.#memory.load(address, size), type, size);
    if (node.op === 'load') return this.#give(node, old());
    if (node.op === 'store' || node.op === 'storeIf')
      return this.#store(node.attr, condition, address, value!, size);
    const before = old();
    this.#give(node, before);
    const after =
      node.op === 'rmw'
        ? this.#modified(node.attr.operation, before, value!)
        : graph.choose(graph.operation('eq', 'i1', [before, value!]), args[2]!, before);
    this.#store(node.attr, always, address, after, size);
  }

  #admit(kind: string, { aligned }: Access, condition: GraphTerm, address: GraphTerm, size: number): void {
    const graph = this.#graph;
    const name = `${kind}-${size}${aligned ? '-aligned' : ''}-faults`;
    const faults = graph.function('i1', name, [address]);
    this.#accesses.push({ address, size, faults });
    this.#exit(`fault of ${kind} ${size}${aligned ? ' aligned' : ''}`, graph.and(condition, faults), address);
  }

  #store({ endian }: Access, condition: GraphTerm, address: GraphTerm, value: GraphTerm, size: number): void {
    const bytes = split(this.#graph, value, size);
    this.#memory = this.#memory.storing({
      condition,
      address,
      bytes: endian === 'big' ? bytes.toReversed() : bytes,
    });
  }

  /** What was loaded, as a value of a type. */
  #ordered({ endian }: Access, loaded: GraphTerm, type: IrType, size: number): GraphTerm {
    const graph = this.#graph;
    const value = endian === 'big' && size > 1 ? graph.operation('byteSwap', loaded.type, [loaded]) : loaded;
    return graph.operation('bitcast', type, [value]);
  }

  #modified(operation: NodeWith<'rmw'>['attr']['operation'], old: GraphTerm, operand: GraphTerm): GraphTerm {
    const graph = this.#graph;
    const { type } = old;
    switch (operation) {
      case 'swap':
        return operand;
      case 'add':
      case 'and':
      case 'or':
      case 'xor':
        return graph.operation(operation, type, [old, operand]);
      default: {
        const less = graph.operation(operation.endsWith('S') ? 'leS' : 'leU', 'i1', [old, operand]);
        return operation.startsWith('min')
          ? graph.choose(less, old, operand)
          : graph.choose(less, operand, old);
      }
    }
  }
}

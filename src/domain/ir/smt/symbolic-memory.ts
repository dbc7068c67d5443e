import { type IrType, widths } from '../types.ts';
import { baseOf, type GraphTerm, type TermGraph } from './term-graph.ts';

/** A store that happened, if its condition held. */
export interface SymbolicStore {
  readonly condition: GraphTerm;
  readonly address: GraphTerm;
  /** Its bytes, lowest address first. */
  readonly bytes: readonly GraphTerm[];
}

/**
 * Memory as the stores made to it, over unknown contents: an uninterpreted function from address to byte. Laws: two stores, or a
 * store and a load, whose addresses are one base plus constants are told apart at once; any others by a choice on their distance.
 */
export class SymbolicMemory {
  readonly #graph: TermGraph;
  readonly stores: readonly SymbolicStore[];

  constructor(graph: TermGraph, stores: readonly SymbolicStore[] = []) {
    this.#graph = graph;
    this.stores = stores;
  }

  storing(store: SymbolicStore): SymbolicMemory {
    return new SymbolicMemory(this.#graph, [...this.stores, store]);
  }

  /** `size` bytes from an address, as a little-endian value of that many. */
  load(address: GraphTerm, size: number): GraphTerm {
    const bytes = Array.from({ length: size }, (_, at) => this.byte(this.#graph.add(address, at)));
    return joined(this.#graph, bytes);
  }

  byte(address: GraphTerm): GraphTerm {
    const graph = this.#graph;
    const place = baseOf(address);
    let value: GraphTerm = graph.function('i8', 'memory', [address]);
    // From the oldest store on: a later one hides what was there.
    for (const { condition, address: start, bytes } of this.stores) {
      const stored = baseOf(start);
      if (stored.base === place.base) {
        const at = BigInt.asUintN(64, place.offset - stored.offset);
        if (at < BigInt(bytes.length)) value = graph.choose(condition, bytes[Number(at)]!, value);
        continue;
      }
      bytes.forEach((byte, at) => {
        const hit = graph.operation('eq', 'i1', [address, graph.add(start, at)]);
        value = graph.choose(graph.and(condition, hit), byte, value);
      });
    }
    return value;
  }
}

const intOf = (bits: number): IrType => `i${bits}` as IrType;

/** The bytes of a value, lowest first. */
export function split(graph: TermGraph, value: GraphTerm, size: number): readonly GraphTerm[] {
  const bits = graph.operation('bitcast', intOf(8 * size), [value]);
  return size === 1
    ? [bits]
    : (partsOf(bits) ??
        Array.from({ length: size }, (_, at) => graph.operation('extract', 'i8', [bits], { lsb: 8 * at })));
}

/** The bytes that a value was joined from. */
function partsOf(value: GraphTerm): readonly GraphTerm[] | undefined {
  if (value.type === 'i8') return [value];
  if (value.kind !== 'operation' || value.op !== 'concat') return undefined;
  const [high, low] = value.args.map(partsOf);
  return high && low && [...low, ...high];
}

/** 1, 2, 4, … bytes as a value, which is the one that they are bytes of, if there is one. */
function joined(graph: TermGraph, bytes: readonly GraphTerm[]): GraphTerm {
  return partOfOne(graph, bytes) ?? inPairs(graph, bytes);
}

function inPairs(graph: TermGraph, parts: readonly GraphTerm[]): GraphTerm {
  if (parts.length === 1) return parts[0]!;
  const type = intOf(2 * widths[parts[0]!.type]);
  const pairs = Array.from({ length: parts.length / 2 }, (_, at) =>
    graph.operation('concat', type, [parts[2 * at + 1]!, parts[2 * at]!]),
  );
  return inPairs(graph, pairs);
}

function partOfOne(graph: TermGraph, bytes: readonly GraphTerm[]): GraphTerm | undefined {
  const first = bytes[0]!;
  if (bytes.length === 1 || first.kind !== 'operation' || first.op !== 'extract') return undefined;
  const [whole] = first.args as [GraphTerm];
  const { lsb } = first.attr as { readonly lsb: number };
  const isRun = bytes.every(
    (byte, at) =>
      byte.kind === 'operation' &&
      byte.op === 'extract' &&
      byte.args[0] === whole &&
      (byte.attr as { readonly lsb: number }).lsb === lsb + 8 * at,
  );
  if (!isRun) return undefined;
  const type = intOf(8 * bytes.length);
  return type === whole.type ? whole : graph.operation('extract', type, [whole], { lsb });
}

import { evaluateBlock, type EvaluationContext } from './evaluator.ts';
import type { IrBlock, Node } from './node.ts';
import type { Slot } from './types.ts';

/** Where a value came from directly. */
export type ValueSource =
  | { readonly kind: 'register'; readonly slot: Slot }
  | { readonly kind: 'memory'; readonly address: bigint; readonly length: number }
  | { readonly kind: 'counter' }
  | { readonly kind: 'constant' };

/** What a block has written. */
export type WrittenPlace = { readonly slot: Slot } | { readonly address: bigint; readonly length: number };

/** The state before a block, which evaluating leaves as it is. */
export type StateBefore = Pick<EvaluationContext, 'readSlot' | 'load' | 'counter'>;

interface Access {
  readonly address: bigint;
  readonly length: number;
}

const overlap = (a: Access, b: Access): boolean =>
  a.address < b.address + BigInt(b.length) && b.address < a.address + BigInt(a.length);

/**
 * What the values that a block writes to a place are computed from: registers as they were before, memory that was loaded, constants.
 * Addresses and conditions are not followed: they say where a value went, not what it is made of. A constant is given only
 * where there is nothing else. Empty where the block does not write the place.
 */
export function valueSources(
  block: IrBlock,
  address: bigint,
  before: StateBefore,
  written: WrittenPlace,
): readonly ValueSource[] {
  const flow = new ValueFlow(block, address, before);
  for (const root of 'slot' in written ? flow.rootsOfSlot(written.slot) : flow.rootsOfMemory(written))
    flow.follow(root);
  return flow.sources;
}

class ValueFlow {
  readonly #nodes: readonly Node[];
  readonly #exceptions: Slot;
  /** What the memory ops accessed, by node. */
  readonly #loads = new Map<number, Access>();
  readonly #stores = new Map<number, Access>();
  readonly #found = new Map<string, ValueSource>();
  readonly #seen = new Set<number>();

  constructor(block: IrBlock, address: bigint, before: StateBefore) {
    this.#nodes = block.nodes;
    this.#exceptions = block.layout.fpExceptions;
    const loads: Access[] = [];
    const stores: Access[] = [];
    const slots = new Map<Slot, bigint>();
    evaluateBlock(block, address, {
      readSlot: (slot) => slots.get(slot) ?? before.readSlot(slot),
      writeSlot: (slot, value) => slots.set(slot, value),
      counter: (counter, instructions) => before.counter(counter, instructions),
      load: (at, length) => {
        loads.push({ address: at, length });
        return before.load(at, length);
      },
      store: (at, length) => {
        stores.push({ address: at, length });
        return undefined;
      },
    });
    this.#assign(loads, stores);
  }

  get sources(): readonly ValueSource[] {
    const all = [...this.#found.values()];
    const more = all.filter(({ kind }) => kind !== 'constant');
    return more.length > 0 ? more : all;
  }

  rootsOfSlot(slot: Slot): readonly number[] {
    const writes = this.#nodes.filter((node) => node.op === 'write' && node.attr.slot === slot);
    const last = writes.at(-1);
    const raised =
      slot === this.#exceptions ? this.#nodes.filter((node) => node.op === 'raise').map(({ id }) => id) : [];
    return [...(last ? [last.args[0]!.id] : []), ...raised];
  }

  rootsOfMemory(range: Access): readonly number[] {
    const roots: number[] = [];
    for (const [id, access] of this.#stores) {
      if (!overlap(access, range)) continue;
      const node = this.#nodes[id]!;
      const keepsOld = node.op === 'compareExchange' || (node.op === 'rmw' && node.attr.operation !== 'swap');
      if (keepsOld) roots.push(id);
      roots.push(node.args.at(-1)!.id);
    }
    return roots;
  }

  follow(id: number): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const node = this.#nodes[id]!;
    const access = this.#loads.get(id);
    if (access) this.#add({ kind: 'memory', ...access });
    else if (node.op === 'read') this.#add({ kind: 'register', slot: node.attr.slot });
    else if (node.op === 'counter') this.#add({ kind: 'counter' });
    else if (node.op === 'const' || node.op === 'pc') this.#add({ kind: 'constant' });
    else if (node.op === 'raise') {
      this.#add({ kind: 'register', slot: this.#exceptions });
      this.follow(node.args[0]!.id);
    } else
      for (const argument of node.op === 'select' ? node.args.slice(1) : node.args) this.follow(argument.id);
  }

  /** Memory ops access in their order; one that was not reached accessed nothing. */
  #assign(loads: Access[], stores: Access[]): void {
    for (const { op, id } of this.#nodes) {
      const reads = op === 'load' || op === 'rmw' || op === 'compareExchange';
      const writes = op === 'store' || op === 'storeIf' || op === 'rmw' || op === 'compareExchange';
      const load = reads ? loads.shift() : undefined;
      if (load) this.#loads.set(id, load);
      const store = writes ? stores.shift() : undefined;
      if (store) this.#stores.set(id, store);
    }
  }

  #add(source: ValueSource): void {
    const key =
      source.kind === 'register'
        ? source.slot.name
        : source.kind === 'memory'
          ? `${source.address}:${source.length}`
          : source.kind;
    this.#found.set(key, source);
  }
}

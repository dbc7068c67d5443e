import type { Access, IrBlock, Node } from '../node.ts';
import { type IrType, widths } from '../types.ts';
import { type Address, addressOf, disjoint, sameAddress } from './address.ts';
import type { Pass, Surroundings } from './pass.ts';
import { Rewriter } from './rewriter.ts';

/** Contents of memory that the block has seen. */
interface Known {
  readonly address: Address;
  readonly size: number;
  readonly type: IrType;
  readonly endian: Access['endian'];
  readonly value: Node;
  /** Whether a load has succeeded there, so that another one cannot fault. */
  readonly readable: boolean;
}

/** So many contents are remembered at a time, which keeps the pass linear. */
const capacity = 32;

/**
 * Redundant loads: a plain load of what the block has just loaded or stored, with nothing between that may have changed
 * it, is that value. Accesses that are ordered, atomic or fences forget everything. Faults stay: a load goes only where an
 * earlier one of the same bytes succeeded (or a store, where what can be written can be read), and never one
 * that must be aligned where the earlier need not.
 */
export const forwardMemory: Pass = {
  name: 'forward-memory',
  summary: 'plain loads of what was just loaded or stored become that value',
  run: (block, surroundings) => new MemoryForwarding(block, surroundings).run(),
};

class MemoryForwarding {
  readonly #block: IrBlock;
  readonly #surroundings: Surroundings;
  readonly #rewriter: Rewriter;
  #known: Known[] = [];

  constructor(block: IrBlock, surroundings: Surroundings) {
    this.#block = block;
    this.#surroundings = surroundings;
    this.#rewriter = new Rewriter(block);
  }

  run(): IrBlock {
    for (const node of this.#block.nodes) {
      switch (node.op) {
        case 'load':
          this.#load(node);
          continue;
        case 'store':
          this.#store(this.#rewriter.keep(node), node.attr);
          continue;
        case 'storeIf': {
          const made = this.#rewriter.keep(node);
          const [, address, value] = made.args as readonly Node[];
          this.#forget(addressOf(address!), widths[value!.type as IrType] / 8, node.attr);
          continue;
        }
        case 'rmw':
        case 'compareExchange':
        case 'fence':
          this.#known = [];
      }
      this.#rewriter.keep(node);
    }
    return this.#rewriter.finish();
  }

  #load(node: Node & { op: 'load' }): void {
    const { ordering, endian, aligned } = node.attr;
    const address = addressOf(this.#rewriter.at(node.args[0]!));
    if (ordering !== 'plain' || aligned) {
      this.#rewriter.keep(node);
      if (ordering !== 'plain') this.#known = [];
      return;
    }
    const type = node.type as IrType;
    const size = widths[type] / 8;
    const at = this.#known.findIndex((known) => known.size === size && sameAddress(known.address, address));
    const known = this.#known[at];
    if (known?.type === type && known.endian === endian) {
      if (known.readable) {
        this.#rewriter.replace(node, known.value);
        return;
      }
      // The load stays, for it may fault; its value is known.
      this.#rewriter.keep(node);
      this.#rewriter.replace(node, known.value);
      this.#known[at] = { ...known, readable: true };
      return;
    }
    if (at >= 0) this.#known.splice(at, 1);
    this.#remember({ address, size, type, endian, value: this.#rewriter.keep(node), readable: true });
  }

  #store(node: Node, access: Access): void {
    const [pointer, value] = node.args as readonly Node[];
    const address = addressOf(pointer!);
    const type = value!.type as IrType;
    const size = widths[type] / 8;
    const before = this.#known.find((known) => known.size === size && sameAddress(known.address, address));
    this.#forget(address, size, access);
    if (access.ordering !== 'plain' || size < 1) return;
    const readable = this.#surroundings.writableIsReadable || before?.readable === true;
    this.#remember({ address, size, type, endian: access.endian, value: value!, readable });
  }

  /** After a store of so many bytes. */
  #forget(address: Address, size: number, { ordering }: Access): void {
    this.#known =
      ordering === 'plain'
        ? this.#known.filter((known) => disjoint(known.address, known.size, address, size))
        : [];
  }

  #remember(known: Known): void {
    if (this.#known.length === capacity) this.#known.shift();
    this.#known.push(known);
  }
}

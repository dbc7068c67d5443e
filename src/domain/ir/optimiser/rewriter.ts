import type { IrBlock, Node, Value } from '../node.ts';
import type { OpName } from '../ops.ts';

/** A value of the new block is the node that computes it. */
export type Operand = Node & Value;

/**
 * Builds the block that a pass gives from the one that it was given. Arguments of the nodes in the new block are
 * nodes of the new block; `at` says what has become of an old node's value.
 */
export class Rewriter {
  readonly nodes: Node[] = [];
  readonly #block: IrBlock;
  readonly #images: (Node | undefined)[];
  #changed = false;

  constructor(block: IrBlock) {
    this.#block = block;
    this.#images = new Array<Node | undefined>(block.nodes.length);
  }

  /** The new node that stands for an old value. */
  at(value: Value): Node {
    return this.#images[value.id]!;
  }

  /** The old node's arguments in the new block. */
  argsOf(node: Node): Operand[] {
    const args = new Array<Operand>(node.args.length);
    for (let at = 0; at < args.length; at++) args[at] = this.#images[node.args[at]!.id] as Operand;
    return args;
  }

  /** Adds a node to the new block. */
  add(op: OpName, type: Node['type'], args: readonly Node[], attr: Node['attr']): Node {
    return this.place({ id: 0, op, type, args, attr } as Node);
  }

  /** Adds a node made elsewhere, giving it its id. */
  place(node: Node): Node {
    (node as { id: number }).id = this.nodes.length;
    this.nodes.push(node);
    return node;
  }

  /** Copies an old node. */
  keep(node: Node): Node {
    const made = this.add(node.op, node.type, this.argsOf(node), node.attr);
    this.#images[node.id] = made;
    return made;
  }

  /** Lets a new node stand for an old one. */
  replace(old: Node, by: Node): void {
    this.#images[old.id] = by;
    this.#changed = true;
  }

  /** Lets a new node stand for an old one of which it may be a mere copy. */
  setImage(old: Node, image: Node, changed: boolean): void {
    this.#images[old.id] = image;
    if (changed) this.#changed = true;
  }

  /** Leaves an old node without a value out. */
  drop(): void {
    this.#changed = true;
  }

  /** The new block; the old one when nothing was replaced or dropped. */
  finish(): IrBlock {
    if (!this.#changed) return this.#block;
    const { layout, length, instructionCount } = this.#block;
    return { layout, nodes: this.nodes, length, instructionCount };
  }
}

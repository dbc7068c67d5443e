import type { Node } from '../node.ts';
import { opOf, type OpName, ops } from '../ops.ts';
import { type IrType, widths } from '../types.ts';

const opNumber = new Map(Object.keys(ops).map((name, index) => [name as OpName, index]));
const typeNumber = new Map(Object.keys(widths).map((name, index) => [name as IrType, index]));
const typeCount = typeNumber.size;
/** Ids below this fit three into a key that a double holds exactly. */
const idLimit = 2 ** 13;

/**
 * Common subexpressions: gives the node that already computes what another one would. Pure ops only, float ops among
 * them: equal arguments raise equal exceptions.
 */
export class ValueTable {
  readonly #operations = new Map<number, Node>();
  readonly #constants: (Map<bigint, Node> | undefined)[] = [];
  readonly #addresses = new Map<number, Node>();

  /** The node of the same value; else undefined, and `node` is remembered when it gets placed. */
  find(node: Node): Node | undefined {
    if (node.op === 'const') return this.#constantsOf(node).get(node.attr.value);
    if (node.op === 'pc') return this.#addresses.get(node.attr.offset);
    const key = keyOf(node);
    return key === -1 ? undefined : this.#operations.get(key);
  }

  add(node: Node): void {
    if (node.op === 'const') this.#constantsOf(node).set(node.attr.value, node);
    else if (node.op === 'pc') this.#addresses.set(node.attr.offset, node);
    else {
      const key = keyOf(node);
      if (key !== -1) this.#operations.set(key, node);
    }
  }

  #constantsOf({ type }: Node): Map<bigint, Node> {
    return (this.#constants[typeNumber.get(type as IrType)!] ??= new Map<bigint, Node>());
  }
}

/** A number that tells operations apart; −1 for those that are not shared. */
function keyOf(node: Node): number {
  if (opOf(node.op).effect !== 'none') return -1;
  const { args } = node;
  if (args.length === 0 || args.length > 3) return -1;
  const ids = [0, 0, 0];
  for (let at = 0; at < args.length; at++) {
    const { id } = args[at]!;
    if (id >= idLimit) return -1;
    ids[at] = id;
  }
  if (node.op === 'extract') ids[1] = node.attr.lsb;
  if (node.op === 'laneInsert') ids[2] = node.attr.lane;
  const kind = opNumber.get(node.op)! * typeCount + typeNumber.get(node.type as IrType)!;
  return ((kind * idLimit + ids[0]!) * idLimit + ids[1]!) * idLimit + ids[2]!;
}

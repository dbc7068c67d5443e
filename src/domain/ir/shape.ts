import type { IrBlock, Node } from './node.ts';
import { type Slot, widths } from './types.ts';

/** What an instruction has in place of one of its shape's parameters. */
export type Operand =
  | { readonly kind: 'state'; readonly slot: Slot }
  | { readonly kind: 'constant'; readonly value: bigint }
  /** An address, relative to the instruction's own. */
  | { readonly kind: 'address'; readonly offset: number };

/**
 * An instruction's IR with its state slots, wide constants and addresses made parameters: what `add x1, x2, x3` and
 * `add x4, x5, x6` have in common. A parameter is a slot of `block` whose `offset` is its position in `operands`.
 * Law: with each parameter bound to its operand, `block` means what the instruction's own block means. Equal keys mean
 * equal `block`s and kinds of operands, constants and addresses being one kind.
 */
export interface Shape {
  readonly key: string;
  readonly block: IrBlock;
  readonly parameters: readonly Slot[];
  readonly operands: readonly Operand[];
}

/** The shape of a single instruction's block. */
export function shapeOf(block: IrBlock): Shape {
  const operands: Operand[] = [];
  const parameters: Slot[] = [];
  const key: string[] = [];
  const sharing = slotsNeedingOneParameter(block);
  const shared = new Map<Slot, Slot>();
  const parameter = (operand: Operand, type: Slot['type']): Slot => {
    const kind = operand.kind === 'state' ? 'state' : 'value';
    const slot = { name: `${kind} ${operands.length}`, type, offset: operands.length };
    operands.push(operand);
    parameters.push(slot);
    return slot;
  };
  const state = (slot: Slot): Slot => {
    if (slot === block.layout.fpExceptions) return slot;
    const known = shared.get(slot);
    if (known) return known;
    const made = parameter({ kind: 'state', slot }, slot.type);
    if (sharing.has(slot)) shared.set(slot, made);
    return made;
  };
  const shaped = (node: Node): Node => {
    switch (node.op) {
      case 'read':
      case 'write':
        return { ...node, attr: { slot: state(node.attr.slot) } };
      case 'const':
        if (node.type === 'void' || widths[node.type] < 32 || widths[node.type] > 64) return node;
        return read(node, parameter({ kind: 'constant', value: node.attr.value }, node.type));
      case 'pc':
        return read(node, parameter({ kind: 'address', offset: node.attr.offset }, 'i64'));
      default:
        return node;
    }
  };
  const nodes = block.nodes.map((node) => {
    const made = shaped(node);
    if (made.op !== 'instruction') key.push(keyOf(made));
    return made;
  });
  return { key: key.join(';'), block: { ...block, nodes }, parameters, operands };
}

const read = ({ id, type }: Node, slot: Slot): Node => ({ id, op: 'read', type, args: [], attr: { slot } });

function keyOf(node: Node): string {
  const args = node.args.map(({ id }) => id).join();
  return `${node.id}${node.op} ${node.type} ${args} ${attributesKey(node)}`;
}

function attributesKey(node: Node): string {
  switch (node.op) {
    case 'read':
    case 'write':
      return `${node.attr.slot.name} ${node.attr.slot.type}`;
    case 'const':
      return String(node.attr.value);
    case 'jump':
      return node.attr.hint === 'return' ? 'return' : '';
    default:
      return node.attr === undefined ? '' : JSON.stringify(node.attr);
  }
}

/** Slots that are written twice, or read after they were written: their occurrences must stay one. */
function slotsNeedingOneParameter({ nodes }: IrBlock): ReadonlySet<Slot> {
  const written = new Set<Slot>();
  const found = new Set<Slot>();
  for (const node of nodes) {
    if (node.op !== 'read' && node.op !== 'write') continue;
    if (written.has(node.attr.slot)) found.add(node.attr.slot);
    if (node.op === 'write') written.add(node.attr.slot);
  }
  return found;
}

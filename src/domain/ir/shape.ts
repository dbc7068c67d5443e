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
export interface Shape extends Signature {
  readonly block: IrBlock;
  readonly parameters: readonly Slot[];
}

/** Which shape an instruction has, and with which operands. */
export interface Signature {
  readonly key: string;
  readonly operands: readonly Operand[];
}

/** The shape of a single instruction's block. */
export function shapeOf(block: IrBlock): Shape {
  const { key, operands, positions } = signatureWithPositions(block);
  const types = new Map(block.nodes.map((node) => [positions[node.id]!, typeOf(node)]));
  const parameters = operands.map((operand, offset): Slot => ({
    name: `${operand.kind === 'state' ? 'state' : 'value'} ${offset}`,
    type: types.get(offset)!,
    offset,
  }));
  const nodes = block.nodes.map((node): Node => {
    const slot = parameters[positions[node.id]!];
    if (slot === undefined) return node;
    if (node.op === 'read' || node.op === 'write') return { ...node, attr: { slot } };
    return { id: node.id, op: 'read', type: node.type, args: [], attr: { slot } } as Node;
  });
  return { key, block: { ...block, nodes }, parameters, operands };
}

/** What {@link shapeOf} says of a single instruction's block, without making the shape. */
export function signatureOf(block: IrBlock): Signature {
  const { key, operands } = signatureWithPositions(block);
  return { key, operands };
}

function signatureWithPositions(block: IrBlock): Signature & { readonly positions: readonly number[] } {
  const operands: Operand[] = [];
  const sharing = slotsNeedingOneParameter(block);
  const shared = new Map<Slot, number>();
  /** By node: the position of its parameter, or -1. */
  const positions = block.nodes.map((node) => {
    const operand = operandOf(node, block.layout.fpExceptions);
    if (operand === undefined) return -1;
    const position = operand.kind === 'state' ? shared.get(operand.slot) : undefined;
    if (position !== undefined) return position;
    if (operand.kind === 'state' && sharing.has(operand.slot)) shared.set(operand.slot, operands.length);
    return operands.push(operand) - 1;
  });
  let key = '';
  for (const node of block.nodes)
    if (node.op !== 'instruction') key += keyOf(node, positions[node.id]!, operands);
  return { key, operands, positions };
}

/** What of a node becomes a parameter. */
function operandOf(node: Node, sticky: Slot): Operand | undefined {
  switch (node.op) {
    case 'read':
    case 'write':
      return node.attr.slot === sticky ? undefined : { kind: 'state', slot: node.attr.slot };
    case 'const':
      if (node.type === 'void' || widths[node.type] < 32 || widths[node.type] > 64) return undefined;
      return { kind: 'constant', value: node.attr.value };
    case 'pc':
      return { kind: 'address', offset: node.attr.offset };
    default:
      return undefined;
  }
}

const typeOf = (node: Node): Slot['type'] =>
  node.op === 'read' || node.op === 'write' ? node.attr.slot.type : (node.type as Slot['type']);

function keyOf(node: Node, position: number, operands: readonly Operand[]): string {
  let args = '';
  for (const { id } of node.args) args += `${id} `;
  // Whatever becomes a value is read alike.
  if (position < 0) return `${node.op} ${node.type} ${args}${attributesKey(node)};`;
  const kind = operands[position]!.kind === 'state' ? 'state' : 'value';
  return `${node.op === 'write' ? 'write' : 'read'} ${args}${kind} ${position} ${typeOf(node)};`;
}

function attributesKey(node: Node): string {
  switch (node.op) {
    case 'read':
    case 'write':
      return node.attr.slot.name;
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

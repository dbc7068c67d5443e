import type { Access, IrBlock, Node } from '../../../domain/ir/node.ts';
import { mayFault } from '../../../domain/ir/ops.ts';
import { type Slot, widths } from '../../../domain/ir/types.ts';
import type { Precision } from './values.ts';

/**
 * What a block takes from the state, and what for: read off its IR, so that no instruction is named here. An `address`
 * is the slot's value plus `offset`.
 */
export type Input =
  | { readonly kind: 'integer' | 'reservation'; readonly slot: Slot }
  | { readonly kind: 'float'; readonly slot: Slot; readonly precision: Precision }
  | { readonly kind: 'flags' | 'mode'; readonly slot: Slot }
  /** What generated code relies on: a loop's count, code to be written. */
  | { readonly kind: 'constant'; readonly slot: Slot; readonly value: bigint }
  | { readonly kind: 'target'; readonly slot: Slot; readonly offset: bigint }
  | {
      readonly kind: 'address';
      readonly slot: Slot;
      readonly offset: bigint;
      readonly size: number;
      readonly aligned: boolean;
    };

/** How control leaves a block: where it falls through or traps, to a fixed distance, or to where a register says. */
export type Flow = 'none' | 'direct' | 'indirect' | 'system-call';

export interface Profile {
  readonly inputs: readonly Input[];
  readonly flow: Flow;
  readonly readsCounters: boolean;
  /** It reads or writes memory, though maybe at an address that no register determines. */
  readonly usesMemory: boolean;
}

export function profileOf(block: IrBlock): Profile {
  const { nodes, layout } = block;
  const inputs = new Map<Slot, Input>();
  const precision: Precision = nodes.some(({ type }) => type === 'f32') ? 'single' : 'double';
  for (const node of nodes) {
    if (node.op === 'raise') inputs.set(layout.fpExceptions, { kind: 'flags', slot: layout.fpExceptions });
    if (node.op === 'read') inputs.set(node.attr.slot, plainInput(block, node.attr.slot, precision));
  }
  for (const node of nodes) {
    const address = addressArgument(node);
    const root = address && rootOf(nodes, address.id);
    if (root && inputs.get(root.slot)?.kind === 'integer') inputs.set(root.slot, addressInput(node, root));
  }
  const last = nodes.at(-1)!;
  return {
    inputs: [...inputs.values()],
    flow: flowOf(nodes, last),
    readsCounters: nodes.some(({ op }) => op === 'counter'),
    usesMemory: nodes.some((node) => node.op !== 'jump' && addressArgument(node) !== undefined),
  };
}

function plainInput({ layout }: IrBlock, slot: Slot, precision: Precision): Input {
  if (slot === layout.fpExceptions) return { kind: 'flags', slot };
  if (slot.type === 'i8') return { kind: 'mode', slot };
  if (slot.name === 'reservation') return { kind: 'reservation', slot };
  return /^f\d/.test(slot.name) ? { kind: 'float', slot, precision } : { kind: 'integer', slot };
}

interface Root {
  readonly slot: Slot;
  readonly offset: bigint;
}

/** The slot whose value plus a constant a node is, if it is that. */
function rootOf(nodes: readonly Node[], id: number): Root | undefined {
  const node = nodes[id]!;
  if (node.op === 'read') return { slot: node.attr.slot, offset: 0n };
  if (node.op !== 'add' && node.op !== 'and') return undefined;
  const [left, right] = node.args.map((argument) => nodes[argument.id]!);
  if (right?.op !== 'const') return undefined;
  const root = rootOf(nodes, left!.id);
  return root && node.op === 'add' ? { ...root, offset: root.offset + right.attr.value } : root;
}

function addressArgument(node: Node): Node['args'][number] | undefined {
  if (node.op === 'jump') return node.args[0];
  if (node.op === 'storeIf') return node.args[1];
  return mayFault(node.op) && node.op !== 'trapIf' && node.op !== 'trap' ? node.args[0] : undefined;
}

function addressInput(node: Node, { slot, offset }: Root): Input {
  if (node.op === 'jump') return { kind: 'target', slot, offset };
  const value = node.op === 'load' ? node : node.args[node.op === 'storeIf' ? 2 : 1]!;
  const size = value.type === 'void' ? 8 : widths[value.type] / 8;
  return { kind: 'address', slot, offset, size, aligned: (node.attr as Access).aligned };
}

function flowOf(nodes: readonly Node[], last: Node): Flow {
  if (last.op === 'syscall') return 'system-call';
  if (last.op === 'branch') return 'direct';
  if (last.op !== 'jump') return 'none';
  return rootOf(nodes, last.args[0]!.id) === undefined ? 'direct' : 'indirect';
}

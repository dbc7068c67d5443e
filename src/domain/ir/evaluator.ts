import { signed, truncate } from '../shared/bits.ts';
import type { Access, Counter, IrBlock, Node, NodeWith, RmwOperation, TrapCause } from './node.ts';
import { opOf } from './ops.ts';
import { type IrType, type Slot, widths } from './types.ts';

/** Why a memory access was refused. `address` is the first byte that could not be accessed. */
export interface MemoryFault {
  readonly access: 'load' | 'store' | 'fetch';
  readonly kind: 'unmapped' | 'protection' | 'misaligned';
  readonly address: bigint;
}

/** What the golden evaluator acts upon. Memory methods give or take little-endian patterns of `size` bytes. */
export interface EvaluationContext {
  readSlot(slot: Slot): bigint;
  writeSlot(slot: Slot, value: bigint): void;
  load(address: bigint, size: number): bigint | MemoryFault;
  /** Refuses, without effect, or stores and returns undefined. */
  store(address: bigint, size: number, value: bigint): MemoryFault | undefined;
  counter(counter: Counter, instructionsBefore: number): bigint;
}

/** How a block ended. `retired` counts completed instructions; `pc` is where to continue (or the faulting instruction). */
export type BlockExit = { readonly pc: bigint; readonly retired: number } & (
  | { readonly kind: 'continue' | 'syscall' | 'fence-instruction' }
  | { readonly kind: 'trap'; readonly cause: TrapCause }
  | { readonly kind: 'fault'; readonly fault: MemoryFault }
);

const isFault = (value: bigint | MemoryFault | undefined): value is MemoryFault => typeof value === 'object';

/**
 * The golden evaluator: runs a block that begins at `address` by the op table's BigInt meanings. Slow and plainly
 * right; the reference for every engine. Instructions take effect wholly or, at a fault or trap, not at all.
 */
export function evaluateBlock(block: IrBlock, address: bigint, context: EvaluationContext): BlockExit {
  const values: bigint[] = new Array<bigint>(block.nodes.length);
  const flags: number[] = [];
  let retired = -1;
  let current = address;
  let following = address;
  for (const node of block.nodes) {
    const args = node.args.map((argument) => values[argument.id]!);
    switch (node.op) {
      case 'instruction':
        retired++;
        current = address + BigInt(node.attr.offset);
        following = truncate(current + BigInt(node.attr.length), 64);
        break;
      case 'const':
        values[node.id] = node.attr.value;
        break;
      case 'pc':
        values[node.id] = truncate(address + BigInt(node.attr.offset), 64);
        break;
      case 'read':
        values[node.id] = context.readSlot(node.attr.slot);
        break;
      case 'write':
        context.writeSlot(node.attr.slot, args[0]!);
        break;
      case 'counter':
        values[node.id] = context.counter(node.attr.counter, retired);
        break;
      case 'fpFlags':
        values[node.id] = BigInt(flags[node.args[0]!.id]!);
        break;
      case 'raise': {
        const slot = block.layout.fpExceptions;
        context.writeSlot(slot, context.readSlot(slot) | BigInt(flags[node.args[0]!.id]!));
        break;
      }
      case 'load':
      case 'store':
      case 'storeIf':
      case 'rmw':
      case 'compareExchange': {
        const result = accessMemory(node, args, context);
        if (isFault(result)) return { kind: 'fault', fault: result, pc: truncate(current, 64), retired };
        if (result !== undefined) values[node.id] = result;
        break;
      }
      case 'fence':
        break;
      case 'trapIf':
        if (args[0] === 0n) break;
        return { kind: 'trap', cause: node.attr.cause, pc: truncate(current, 64), retired };
      case 'trap':
        return { kind: 'trap', cause: node.attr.cause, pc: truncate(current, 64), retired };
      case 'jump':
        return { kind: 'continue', pc: args[0]!, retired: retired + 1 };
      case 'branch':
        return { kind: 'continue', pc: args[0] === 1n ? args[1]! : args[2]!, retired: retired + 1 };
      case 'next':
        return { kind: 'continue', pc: following, retired: retired + 1 };
      case 'syscall':
        return { kind: 'syscall', pc: following, retired: retired + 1 };
      case 'fenceInstruction':
        return { kind: 'fence-instruction', pc: following, retired: retired + 1 };
      default:
        compute(node, args, values, flags);
    }
  }
  throw new TypeError('a block without a terminator');
}

function compute(node: Node, args: readonly bigint[], values: bigint[], flags: number[]): void {
  const { evaluate, evaluateFloat } = opOf(node.op);
  const types = node.args.map((argument) => argument.type);
  if (evaluate) {
    values[node.id] = evaluate(args, widths[node.type as IrType], node, types);
  } else if (evaluateFloat) {
    const rounded = evaluateFloat(args, node, types);
    values[node.id] = rounded.bits;
    flags[node.id] = rounded.flags;
  } else throw new TypeError(`the op ${node.op} has no evaluator`);
}

type MemoryNode = NodeWith<'load' | 'store' | 'storeIf' | 'rmw' | 'compareExchange'>;

function accessMemory(
  node: MemoryNode,
  args: readonly bigint[],
  context: EvaluationContext,
): bigint | MemoryFault | undefined {
  if (node.op === 'storeIf') {
    if (args[0] === 0n) return undefined;
    return store(context, node.attr, args[1]!, widths[node.args[2]!.type] / 8, args[2]!);
  }
  const address = args[0]!;
  if (node.op === 'load') return load(context, node.attr, address, widths[node.type as IrType] / 8, 'load');
  const size = widths[node.args[1]!.type] / 8;
  if (node.op === 'store') return store(context, node.attr, address, size, args[1]!);
  // An atomic access faults as a store, also where its load was refused.
  const old = load(context, node.attr, address, size, 'store');
  if (isFault(old)) return old;
  const stored =
    node.op === 'rmw'
      ? modify(node.attr.operation, old, args[1]!, size * 8)
      : old === args[1]
        ? args[2]!
        : old;
  return store(context, node.attr, address, size, stored) ?? old;
}

function load(
  context: EvaluationContext,
  access: Access,
  address: bigint,
  size: number,
  as: 'load' | 'store',
): bigint | MemoryFault {
  if (access.aligned && address % BigInt(size) !== 0n) return { access: as, kind: 'misaligned', address };
  const value = context.load(address, size);
  if (isFault(value)) return { ...value, access: as };
  return access.endian === 'big' ? swapBytes(value, size) : value;
}

function store(
  context: EvaluationContext,
  access: Access,
  address: bigint,
  size: number,
  value: bigint,
): MemoryFault | undefined {
  if (access.aligned && address % BigInt(size) !== 0n)
    return { access: 'store', kind: 'misaligned', address };
  return context.store(address, size, access.endian === 'big' ? swapBytes(value, size) : value);
}

function swapBytes(value: bigint, size: number): bigint {
  let swapped = 0n;
  for (let byte = 0; byte < size; byte++) swapped = (swapped << 8n) | ((value >> BigInt(8 * byte)) & 0xffn);
  return swapped;
}

const lower = (a: bigint, b: bigint, key: (value: bigint) => bigint) => (key(a) <= key(b) ? a : b);
const upper = (a: bigint, b: bigint, key: (value: bigint) => bigint) => (key(a) >= key(b) ? a : b);

function modify(operation: RmwOperation, old: bigint, operand: bigint, width: number): bigint {
  const asSigned = (value: bigint) => signed(value, width);
  const asIs = (value: bigint) => value;
  switch (operation) {
    case 'swap':
      return operand;
    case 'add':
      return truncate(old + operand, width);
    case 'and':
      return old & operand;
    case 'or':
      return old | operand;
    case 'xor':
      return old ^ operand;
    case 'minS':
      return lower(old, operand, asSigned);
    case 'maxS':
      return upper(old, operand, asSigned);
    case 'minU':
      return lower(old, operand, asIs);
    case 'maxU':
      return upper(old, operand, asIs);
  }
}

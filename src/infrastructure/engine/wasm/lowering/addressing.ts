import type { Node, NodeWith, Value } from '../../../../domain/ir/node.ts';
import type { Guarded } from '../../memory/host-guard.ts';

/** An access at `base` plus `offset` bytes. */
export interface BasedAccess {
  /** The node whose value is the base. */
  readonly base: Value;
  readonly offset: number;
  /** At most 0 and at most every offset of the block's accesses with this base. */
  readonly lowest: number;
}

/**
 * The accesses of a block that trap by themselves, by what they have in common: where the lowest of those with one base lies in
 * memory, the others lie there or in the unmapped 4 GiB that the engine keeps beyond it, so that one comparison serves all.
 */
export interface Addressing {
  /** How a node accesses memory; undefined where every access is looked at by itself. */
  accessOf(node: Node): BasedAccess | undefined;
  /** What a node takes, the base instead of the address. */
  operandsOf(node: Node): readonly Value[];
}

/** Offsets farther from the base are taken to belong to another object. */
const maxOffset = 1 << 16;

const none: Addressing = { accessOf: () => undefined, operandsOf: (node) => node.args };

/** Whether an access that cannot be done throws out of translated code. */
export const trapsByItself = (node: Node, guarded: Guarded): node is NodeWith<'load' | 'store'> =>
  ((node.op === 'load' && guarded !== 'nothing') || (node.op === 'store' && guarded === 'accesses')) &&
  !node.attr.aligned;

export function addressingOf(nodes: readonly Node[], guarded: Guarded): Addressing {
  if (guarded === 'nothing') return none;
  const offsets = new Map<number, { base: Value; offset: number }>();
  const lowest = new Map<number, number>();
  for (const node of nodes) {
    if (!trapsByItself(node, guarded)) continue;
    const based = basedOn(node.args[0]!, nodes);
    offsets.set(node.id, based);
    lowest.set(based.base.id, Math.min(lowest.get(based.base.id) ?? 0, based.offset));
  }
  return {
    accessOf: (node) => {
      const based = offsets.get(node.id);
      return based && { ...based, lowest: lowest.get(based.base.id)! };
    },
    operandsOf: (node) => {
      const based = offsets.get(node.id);
      return based ? [based.base, ...node.args.slice(1)] : node.args;
    },
  };
}

/** The base of an address, and the offset from it. */
export function basedOn(address: Value, nodes: readonly Node[]): { base: Value; offset: number } {
  const node = nodes[address.id]!;
  if (node.op !== 'add') return { base: address, offset: 0 };
  for (const [constant, base] of [
    [node.args[1]!, node.args[0]!],
    [node.args[0]!, node.args[1]!],
  ] as const) {
    const by = nodes[constant.id]!;
    if (by.op !== 'const') continue;
    const offset = Number(BigInt.asIntN(64, by.attr.value));
    if (Math.abs(offset) < maxOffset) return { base, offset };
  }
  return { base: address, offset: 0 };
}

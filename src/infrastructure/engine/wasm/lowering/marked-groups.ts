import type { Node, Value } from '../../../../domain/ir/node.ts';
import type { AccessKind } from '../../../../application/ports/stops.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import { type Addressing, basedOn, trapsByItself } from './addressing.ts';
import { widthOf } from './emitter.ts';

/** An access of `size` bytes, `offset` (≥ 0) bytes beyond the lowest that traps by itself with its base. */
export interface MarkedAccess {
  readonly access: AccessKind;
  readonly offset: number;
  readonly size: number;
}

/**
 * The accesses of a block that are marked together, where the first that traps by itself with their base is made. Those before it
 * mark themselves: the block may be left in between.
 */
export interface MarkedGroups {
  /** The accesses with a base. */
  of(base: Value): readonly MarkedAccess[];
  has(node: Node): boolean;
}

export function markedGroups(nodes: readonly Node[], addressing: Addressing, guarded: Guarded): MarkedGroups {
  const lowest = new Map<number, number>();
  const groups = new Map<number, MarkedAccess[]>();
  const members = new Set<Node>();
  for (const node of nodes) {
    if ((node.op !== 'load' && node.op !== 'store') || node.attr.aligned) continue;
    const { base, offset } = basedOn(node.args[0]!, nodes);
    if (trapsByItself(node, guarded)) lowest.set(base.id, addressing.accessOf(node)!.lowest);
    const from = lowest.get(base.id);
    if (from === undefined || offset < from) continue;
    const isLoad = node.op === 'load';
    const group = groups.get(base.id) ?? [];
    groups.set(base.id, group);
    members.add(node);
    group.push({
      access: isLoad ? 'read' : 'write',
      offset: offset - from,
      size: widthOf(isLoad ? node.type : node.args[1]!.type) / 8,
    });
  }
  return { of: (base) => groups.get(base.id) ?? [], has: (node) => members.has(node) };
}

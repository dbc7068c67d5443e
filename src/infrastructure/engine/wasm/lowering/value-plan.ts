import type { IrBlock, Node } from '../../../../domain/ir/node.ts';
import { opOf, raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Slot } from '../../../../domain/ir/types.ts';

/**
 * Where each value of a single instruction's IR is computed. `inline`: at each use; `local`: where it stands, into
 * a wasm local; `unused`: nowhere. Laws: what touches memory or raises exceptions is computed exactly once, in
 * order; a read of guest state is inlined only if no write to that slot lies between it and its last use.
 */
export interface ValuePlan {
  readonly place: readonly ('inline' | 'local' | 'unused')[];
  /** For float ops: who looks at their exceptions. */
  readonly flags: readonly ('none' | 'raise' | 'exact')[];
  readonly slotsRead: readonly Slot[];
  readonly slotsWritten: readonly Slot[];
}

const plans = new WeakMap<IrBlock, ValuePlan>();

export function planOf(block: IrBlock): ValuePlan {
  const known = plans.get(block);
  if (known) return known;
  const plan = makePlan(block);
  plans.set(block, plan);
  return plan;
}

function makePlan(block: IrBlock): ValuePlan {
  const { nodes } = block;
  const uses: number[] = new Array<number>(nodes.length).fill(0);
  const lastEmission: number[] = nodes.map((node) => node.id);
  const place: ('inline' | 'local' | 'unused')[] = nodes.map(() => 'local');
  const flags: ('none' | 'raise' | 'exact')[] = nodes.map(() => 'none');
  const slotsRead = new Set<Slot>();
  const slotsWritten = new Set<Slot>();
  for (const node of [...nodes].reverse()) {
    const at = node.id;
    place[at] = placeOf(node, nodes, uses[at]!, lastEmission[at]!);
    if (place[at] === 'unused') continue;
    // An inlined value is computed where its (last) user is.
    const emission = place[at] === 'inline' ? lastEmission[at]! : at;
    if (node.op === 'read') slotsRead.add(node.attr.slot);
    if (node.op === 'write') slotsWritten.add(node.attr.slot);
    if (node.op === 'raise') for (const set of [slotsRead, slotsWritten]) set.add(block.layout.fpExceptions);
    if (node.op === 'raise' || node.op === 'fpFlags') {
      const source = node.args[0]!.id;
      if (flags[source] !== 'exact') flags[source] = node.op === 'raise' ? 'raise' : 'exact';
      lastEmission[source] = Math.max(lastEmission[source]!, emission);
      uses[source]!++;
      continue;
    }
    for (const argument of node.args) {
      uses[argument.id]!++;
      lastEmission[argument.id] = Math.max(lastEmission[argument.id]!, emission);
    }
    // The exact path of a float op consults the sticky exceptions.
    if (raisesFlags(node.op) && flags[at] === 'raise') slotsRead.add(block.layout.fpExceptions);
  }
  return { place, flags, slotsRead: [...slotsRead], slotsWritten: [...slotsWritten] };
}

function placeOf(
  node: Node,
  nodes: readonly Node[],
  uses: number,
  until: number,
): 'inline' | 'local' | 'unused' {
  if (node.type === 'void') return 'local';
  if (node.op === 'const' || node.op === 'pc') return uses === 0 ? 'unused' : 'inline';
  const { effect } = opOf(node.op);
  if (effect === 'memory') return 'local';
  if (uses === 0) return 'unused';
  if (node.op === 'read') return writtenBetween(nodes, node.attr.slot, node.id, until) ? 'local' : 'inline';
  if (effect !== 'none' || raisesFlags(node.op) || node.op === 'fpFlags') return 'local';
  return uses === 1 ? 'inline' : 'local';
}

function writtenBetween(nodes: readonly Node[], slot: Slot, after: number, before: number): boolean {
  for (let at = after + 1; at < before; at++) {
    const node = nodes[at]!;
    if (node.op === 'write' && node.attr.slot === slot) return true;
  }
  return false;
}

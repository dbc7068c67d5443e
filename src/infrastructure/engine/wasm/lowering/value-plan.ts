import type { IrBlock, Node } from '../../../../domain/ir/node.ts';
import { opOf, type OpName, raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import { type Addressing, addressingOf } from './addressing.ts';

type Place = 'inline' | 'local' | 'unused';
type FlagUse = 'none' | 'raise' | 'exact';

/**
 * Where each value of a block is computed. `inline`: at each use; `local`: where it stands, into a wasm local;
 * `unused`: nowhere. Laws: what touches memory or raises exceptions is computed exactly once, in order. The block reads
 * no slot that it has written, but for the float exceptions, so that a read means the slot's value at the block's beginning.
 */
export interface ValuePlan {
  readonly place: readonly Place[];
  /** For float ops: who looks at their exceptions. */
  readonly flags: readonly FlagUse[];
  readonly slotsRead: readonly Slot[];
  readonly slotsWritten: readonly Slot[];
  readonly addressing: Addressing;
}

/** Computed again where it is needed rather than kept: what slots hold is asked for where the block is left, and seldom. */
const cheap: ReadonlySet<OpName> = new Set<OpName>(['sext', 'zext', 'trunc']);

/** `guarded`: whether loads trap by themselves. */
export function planOf(block: IrBlock, guarded: boolean): ValuePlan {
  const { nodes } = block;
  const addressing = addressingOf(nodes, guarded);
  /** Uses where the block goes on, and uses by slots that are written again before the block ends. */
  const uses = new Uint32Array(nodes.length);
  const passingUses = new Uint32Array(nodes.length);
  const flags = nodes.map((): FlagUse => 'none');
  const slotsRead = new Set<Slot>();
  const slotsWritten = new Set<Slot>();
  const exceptions = block.layout.fpExceptions;
  const changesExceptions = nodes.some(
    (node) => node.op === 'raise' || (node.op === 'write' && node.attr.slot === exceptions),
  );
  const place = nodes.map((): Place => 'local');
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at]!;
    if (node.op === 'read' && node.attr.slot === exceptions && changesExceptions)
      place[at] = uses[at]! + passingUses[at]! > 0 ? 'local' : 'unused';
    else place[at] = placeOf(node, uses[at]!, passingUses[at]!);
    if (place[at] === 'unused') continue;
    if (node.op === 'read') slotsRead.add(node.attr.slot);
    if (node.op === 'write') {
      const { slot } = node.attr;
      (slotsWritten.has(slot) ? passingUses : uses)[node.args[0]!.id]!++;
      slotsWritten.add(slot);
      continue;
    }
    if (node.op === 'raise') for (const set of [slotsRead, slotsWritten]) set.add(exceptions);
    if (node.op === 'raise' || node.op === 'fpFlags') {
      const source = node.args[0]!.id;
      if (flags[source] !== 'exact') flags[source] = node.op === 'raise' ? 'raise' : 'exact';
    }
    // The exact path of a float op consults the sticky exceptions.
    if (raisesFlags(node.op) && flags[at] === 'raise') slotsRead.add(exceptions);
    const goesOn = place[at] === 'local' || uses[at]! > 0;
    const passes = place[at] === 'inline' && passingUses[at]! > 0;
    for (const { id } of addressing.operandsOf(node)) {
      if (goesOn) uses[id]!++;
      if (passes) passingUses[id]!++;
    }
  }
  return { place, flags, slotsRead: [...slotsRead], slotsWritten: [...slotsWritten], addressing };
}

function placeOf(node: Node, uses: number, passingUses: number): Place {
  if (node.type === 'void') return 'local';
  const used = uses + passingUses > 0;
  if (node.op === 'const' || node.op === 'pc' || node.op === 'read') return used ? 'inline' : 'unused';
  const { effect } = opOf(node.op);
  if (effect === 'memory') return 'local';
  if (!used) return 'unused';
  if (effect !== 'none' || raisesFlags(node.op) || node.op === 'fpFlags') return 'local';
  if (cheap.has(node.op)) return uses <= 1 ? 'inline' : 'local';
  return uses === 1 && passingUses === 0 ? 'inline' : 'local';
}

import type { IrBlock, Node } from '../../../../domain/ir/node.ts';
import { opOf, type OpName, raisesFlags } from '../../../../domain/ir/ops.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { Guarded } from '../../memory/host-guard.ts';
import { type Addressing, addressingOf } from './addressing.ts';
import { type MarkedGroups, markedGroups } from './marked-groups.ts';

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
  readonly addressing: Addressing;
  /** The accesses that are marked together, where accesses are marked. */
  markedGroups(): MarkedGroups;
}

/** Computed again where it is needed rather than kept. */
const cheap: ReadonlySet<OpName> = new Set<OpName>(['sext', 'zext', 'trunc']);
/** Ops of many instructions, or of calls. */
const large: ReadonlySet<OpName> = new Set<OpName>(
  (['U', 'S'] as const).flatMap((sign) => [
    `div${sign}` as const,
    `rem${sign}` as const,
    `mulHigh${sign}` as const,
  ]),
);
/**
 * `guarded`: which accesses trap by themselves; `liveAfter`: the slots whose value is wanted where the block goes on to another,
 * all of them unless given. What is written to others, or is written again, is wanted only where the block is left.
 */
export function planOf(block: IrBlock, guarded: Guarded, liveAfter?: ReadonlySet<Slot>): ValuePlan {
  return new Planner(block, guarded, liveAfter).plan();
}

class Planner {
  readonly #nodes: readonly Node[];
  readonly #exceptions: Slot;
  readonly #changesExceptions: boolean;
  readonly #liveAfter: ReadonlySet<Slot> | undefined;
  readonly #guarded: Guarded;
  readonly #addressing: Addressing;
  /** Uses on the way through the block, uses by exits, and those of the latter that are by values computed there. */
  readonly #uses: Uint32Array;
  readonly #exitUses: Uint32Array;
  readonly #sunkUses: Uint32Array;

  constructor({ nodes, layout }: IrBlock, guarded: Guarded, liveAfter: ReadonlySet<Slot> | undefined) {
    this.#nodes = nodes;
    this.#exceptions = layout.fpExceptions;
    this.#liveAfter = liveAfter;
    this.#guarded = guarded;
    this.#addressing = addressingOf(nodes, guarded);
    this.#uses = new Uint32Array(nodes.length);
    this.#exitUses = new Uint32Array(nodes.length);
    this.#sunkUses = new Uint32Array(nodes.length);
    this.#changesExceptions = nodes.some(
      (node) => node.op === 'raise' || (node.op === 'write' && node.attr.slot === layout.fpExceptions),
    );
  }

  plan(): ValuePlan {
    const place = this.#nodes.map((): Place => 'local');
    const flags = this.#nodes.map((): FlagUse => 'none');
    const written = new Set<Slot>();
    for (let at = this.#nodes.length - 1; at >= 0; at--) {
      const node = this.#nodes[at]!;
      place[at] = this.#placeOf(node);
      if (place[at] === 'unused') continue;
      if (node.op === 'write') {
        const { slot } = node.attr;
        this.#useByWrite(node.args[0]!.id, slot, !written.has(slot));
        written.add(slot);
        continue;
      }
      if (node.op === 'raise' || node.op === 'fpFlags') {
        const source = node.args[0]!.id;
        if (flags[source] !== 'exact') flags[source] = node.op === 'raise' ? 'raise' : 'exact';
      }
      this.#useArguments(node, place[at]!);
    }
    return {
      place,
      flags,
      addressing: this.#addressing,
      markedGroups: () => markedGroups(this.#nodes, this.#addressing, this.#guarded),
    };
  }

  /** A value that the next block wants is wanted by the exits at the block's end as well. */
  #useByWrite(value: number, slot: Slot, last: boolean): void {
    const goesOn = last && (this.#liveAfter?.has(slot) ?? true);
    if (goesOn || slot === this.#exceptions) this.#uses[value]!++;
    if (this.#liveAfter) this.#exitUses[value]!++;
  }

  #useArguments(node: Node, place: Place): void {
    const onTheWay = place === 'local' || this.#uses[node.id]! > 0;
    const atExits = place === 'inline' && this.#exitUses[node.id]! > 0;
    for (const { id } of this.#addressing.operandsOf(node)) {
      if (onTheWay) this.#uses[id]!++;
      if (!atExits) continue;
      this.#exitUses[id]!++;
      if (!cheap.has(node.op)) this.#sunkUses[id]!++;
    }
  }

  #placeOf(node: Node): Place {
    if (node.type === 'void') return 'local';
    const [uses, exitUses] = [this.#uses[node.id]!, this.#exitUses[node.id]!];
    const used = uses + exitUses > 0;
    if (node.op === 'read' && node.attr.slot === this.#exceptions && this.#changesExceptions)
      return used ? 'local' : 'unused';
    if (node.op === 'const' || node.op === 'pc' || node.op === 'read') return used ? 'inline' : 'unused';
    const { effect } = opOf(node.op);
    if (effect === 'memory') return 'local';
    if (!used) return 'unused';
    if (effect !== 'none' || raisesFlags(node.op) || node.op === 'fpFlags') return 'local';
    if (cheap.has(node.op)) return uses <= 1 ? 'inline' : 'local';
    if (uses === 0) return this.#sinks(node) ? 'inline' : 'local';
    return uses === 1 && exitUses === 0 ? 'inline' : 'local';
  }

  /** Whether a value that only exits want is computed there; one that others there are computed from is not. */
  #sinks(node: Node): boolean {
    return this.#sunkUses[node.id]! === 0 && !large.has(node.op);
  }
}

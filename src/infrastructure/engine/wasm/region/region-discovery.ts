import type { Node } from '../../../../domain/ir/node.ts';
import type { CodeSource, LiftedInstruction } from '../../golden/instruction-source.ts';

/** A basic block of a region: instructions that lie one after another; only the last may go elsewhere than on. */
export interface RegionBlock {
  readonly address: number;
  readonly end: number;
  readonly instructions: readonly { readonly address: number; readonly lifted: LiftedInstruction }[];
}

export interface DiscoveryLimits {
  readonly instructions: number;
  readonly blocks: number;
}

/**
 * Finds the blocks statically reachable from an entry: through branches, jumps, falling through, and past calls
 * (whose return addresses become blocks, but whose targets are not followed). `translatable` says which
 * instructions can be part of a region; a block ends before one that cannot. What lies before the entry is not followed: from
 * an inner loop's header that is the loop around it, which would turn the nest inside out and becomes a region of its own when it
 * is hot. Gives no block when not even the entry can be translated.
 */
export function discoverRegion(
  entry: number,
  source: CodeSource,
  translatable: (instruction: LiftedInstruction) => boolean,
  limits: DiscoveryLimits,
): readonly RegionBlock[] {
  const found = new Map<number, LiftedInstruction>();
  const leaders = new Set<number>([entry]);
  const pending = [entry];
  for (let start = pending.shift(); start !== undefined; start = pending.shift()) {
    for (let at = start; !found.has(at);) {
      if (found.size >= limits.instructions) break;
      const lifted = source.decode(at);
      if (typeof lifted === 'string' || !translatable(lifted)) break;
      found.set(at, lifted);
      const next = at + lifted.block.length;
      const last = lifted.block.nodes.at(-1)!;
      if (last.op === 'next') {
        at = next;
        continue;
      }
      for (const target of successors(last, lifted.block.nodes, at, next)) {
        if (target < entry || leaders.has(target) || leaders.size >= limits.blocks) continue;
        leaders.add(target);
        pending.push(target);
      }
      break;
    }
  }
  return formBlocks(found, leaders);
}

/** Whether a block's last op leaves a return address behind. */
export const isCall = (last: Node): boolean =>
  last.op === 'jump' && (last.attr.hint === 'call' || last.attr.hint === 'call-return');

/** Where an instruction at `at` that ends with `last` can lead within a region. */
export function successors(last: Node, nodes: readonly Node[], at: number, next: number): readonly number[] {
  const target = (position: number): number[] => {
    const node = nodes[last.args[position]!.id]!;
    const address = node.op === 'pc' ? at + node.attr.offset : -1;
    return address >= 0 ? [address] : [];
  };
  switch (last.op) {
    case 'jump':
      return isCall(last) ? [next] : target(0);
    case 'branch':
      return [...target(2), ...target(1)];
    case 'fenceInstruction':
      return [next];
    default:
      return [];
  }
}

function formBlocks(
  found: ReadonlyMap<number, LiftedInstruction>,
  leaders: ReadonlySet<number>,
): RegionBlock[] {
  const blocks: RegionBlock[] = [];
  for (const address of [...leaders].sort((a, b) => a - b)) {
    const instructions = [];
    let at = address;
    for (let lifted = found.get(at); lifted; lifted = found.get(at)) {
      instructions.push({ address: at, lifted });
      at += lifted.block.length;
      if (lifted.block.nodes.at(-1)!.op !== 'next' || leaders.has(at)) break;
    }
    if (instructions.length > 0) blocks.push({ address, end: at, instructions });
  }
  return blocks;
}

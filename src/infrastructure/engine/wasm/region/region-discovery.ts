import type { Node } from '../../../../domain/ir/node.ts';
import type { CodeSource, LiftedInstruction } from '../../golden/instruction-source.ts';

/** A function's code within a region: that of the region's own function, number 0, or of one that is called from it. */
export interface Frame {
  readonly number: number;
  /** Where the call is, and the address that it returns to. */
  readonly caller?: { readonly frame: Frame; readonly returnsTo: number };
}
export const ownFrame: Frame = { number: 0 };

/** Instructions that lie one after another; only the last may go elsewhere than on. */
export interface BasicBlock {
  readonly address: number;
  readonly end: number;
  readonly instructions: readonly { readonly address: number; readonly lifted: LiftedInstruction }[];
}

/** Where a computed jump is likely to go, and the function's code that is there within the region. */
export interface Guess {
  readonly address: number;
  readonly frame: Frame;
}

export interface RegionBlock extends BasicBlock {
  readonly frame: Frame;
  /** Of the block's end, which may go elsewhere all the same. */
  readonly guesses?: readonly Guess[];
  /** What the last instruction calls, where that is part of the region. */
  readonly calls?: Frame;
}

export interface DiscoveryLimits {
  readonly instructions: number;
  readonly blocks: number;
}

/**
 * Finds the blocks statically reachable from an entry: through branches, jumps, falling through, and past calls
 * (whose return addresses become blocks, but whose targets are not followed). `translatable` says which
 * instructions can be part of a region; a block ends before one that cannot. `guessed` says where the computed jump at an address
 * is likely to go. What lies before the entry is not followed: from
 * an inner loop's header that is the loop around it, which would turn the nest inside out and becomes a region of its own when it
 * is hot. Gives no block when not even the entry can be translated.
 */
export function discoverRegion(
  entry: number,
  source: CodeSource,
  translatable: (instruction: LiftedInstruction) => boolean,
  limits: DiscoveryLimits,
  frame = ownFrame,
  guessed: (at: number) => readonly number[] = () => [],
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
      const guesses = isComputedJump(last, lifted.block.nodes) ? guessed(at) : [];
      for (const target of [...successors(last, lifted.block.nodes, at, next), ...guesses]) {
        if (target < entry || leaders.has(target) || leaders.size >= limits.blocks) continue;
        leaders.add(target);
        pending.push(target);
      }
      break;
    }
  }
  const blocks = formBlocks(found, leaders, frame);
  const addresses = new Set(blocks.map(({ address }) => address));
  return blocks.map((block) => {
    const { address, lifted } = block.instructions.at(-1)!;
    if (!isComputedJump(lifted.block.nodes.at(-1)!, lifted.block.nodes)) return block;
    const guesses = guessed(address).filter((target) => addresses.has(target));
    return guesses.length > 0 ? { ...block, guesses: guesses.map((to) => ({ address: to, frame })) } : block;
  });
}

/** Whether a block's last op goes to an address that is known only then, within a function as far as one can tell. */
const isComputedJump = (last: Node, nodes: readonly Node[]): boolean =>
  last.op === 'jump' && last.attr.hint === 'none' && nodes[last.args[0]!.id]!.op !== 'pc';

/** Whether a block ends with a call or jump to an address that is known only then, returns aside. */
export function endsComputed({ instructions }: BasicBlock): boolean {
  const { nodes } = instructions.at(-1)!.lifted.block;
  const last = nodes.at(-1)!;
  return isComputedJump(last, nodes) || (isCall(last) && nodes[last.args[0]!.id]!.op !== 'pc');
}

/** Whether a block's last op leaves a return address behind. */
export const isCall = (last: Node): boolean =>
  last.op === 'jump' && (last.attr.hint === 'call' || last.attr.hint === 'call-return');

/** The address that a block's last instruction calls, if it is known. */
export function calleeOf({ instructions }: BasicBlock): number | undefined {
  const { address, lifted } = instructions.at(-1)!;
  const { nodes } = lifted.block;
  const last = nodes.at(-1)!;
  return isCall(last) ? targetOf(last, 0, nodes, address)[0] : undefined;
}

/** Where an instruction at `at` that ends with `last` can lead within a function. */
export function successors(last: Node, nodes: readonly Node[], at: number, next: number): readonly number[] {
  switch (last.op) {
    case 'jump':
      return isCall(last) ? [next] : targetOf(last, 0, nodes, at);
    case 'branch':
      return [...targetOf(last, 2, nodes, at), ...targetOf(last, 1, nodes, at)];
    case 'fenceInstruction':
      return [next];
    default:
      return [];
  }
}

/** The address that an argument stands for, if it is one. */
function targetOf(last: Node, position: number, nodes: readonly Node[], at: number): readonly number[] {
  const node = nodes[last.args[position]!.id]!;
  const address = node.op === 'pc' ? at + node.attr.offset : -1;
  return address >= 0 ? [address] : [];
}

function formBlocks(
  found: ReadonlyMap<number, LiftedInstruction>,
  leaders: ReadonlySet<number>,
  frame: Frame,
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
    if (instructions.length > 0) blocks.push({ frame, address, end: at, instructions });
  }
  return blocks;
}

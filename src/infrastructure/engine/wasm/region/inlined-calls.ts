import {
  calleeOf,
  type DiscoveryLimits,
  type Frame,
  type Guess,
  isCall,
  type RegionBlock,
  successors,
} from './region-discovery.ts';

export interface InliningLimits {
  /** Of a function that calls none, and of others. */
  readonly leaf: DiscoveryLimits;
  readonly other: DiscoveryLimits;
  /** Calls in calls. */
  readonly depth: number;
  /** Of the whole region. */
  readonly region: DiscoveryLimits;
}

/**
 * Takes the functions that a region calls into the region, where they are small and wholly known: their registers stay in
 * the locals of the caller, and a return is a comparison. Each call has blocks of its own. `discover` gives a function's blocks,
 * `guessed` where the computed call at an address is likely to go: each such function is as one that is called there.
 */
export function inlineCalls(
  region: readonly RegionBlock[],
  discover: (entry: number, limits: DiscoveryLimits, frame: Frame) => readonly RegionBlock[],
  limits: InliningLimits,
  guessed: (at: number) => readonly number[] = () => [],
): readonly RegionBlock[] {
  const blocks = [...region];
  let [frames, instructions] = [0, sizeOf(region)];
  /** The frame of the function at `callee`, called at the end of a block, if it has become part of the region. */
  const inline = (block: RegionBlock, callee: number): Frame | undefined => {
    const frame = { number: frames + 1, caller: { frame: block.frame, returnsTo: block.end } };
    const found = discover(callee, limits.leaf, frame);
    const fits =
      instructions + sizeOf(found) <= limits.region.instructions &&
      blocks.length + found.length <= limits.region.blocks;
    if (!fits || !isWhole(found) || !isSmall(found, limits)) return undefined;
    blocks.push(...found);
    instructions += sizeOf(found);
    frames++;
    return frame;
  };
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at]!;
    if (depthOf(block.frame) >= limits.depth || !isCall(lastOf(block))) continue;
    const callee = calleeOf(block);
    if (callee !== undefined) {
      const calls = inline(block, callee);
      if (calls) blocks[at] = { ...block, calls };
      continue;
    }
    const guesses: Guess[] = [];
    for (const address of guessed(block.instructions.at(-1)!.address)) {
      const frame = address === block.end ? undefined : inline(block, address);
      if (frame) guesses.push({ address, frame });
    }
    if (guesses.length > 0) blocks[at] = { ...block, guesses };
  }
  return blocks;
}

const lastOf = ({ instructions }: RegionBlock) => instructions.at(-1)!.lifted.block.nodes.at(-1)!;
const sizeOf = (blocks: readonly RegionBlock[]) =>
  blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
const depthOf = ({ caller }: Frame): number => (caller ? 1 + depthOf(caller.frame) : 0);

/** The addresses in the same function that may follow a block. */
export function targetsOf(block: RegionBlock): readonly number[] {
  const { address, lifted } = block.instructions.at(-1)!;
  const last = lastOf(block);
  return last.op === 'next' ? [block.end] : successors(last, lifted.block.nodes, address, block.end);
}

/** Whether a block ends with a return from a function that is part of its caller's region. */
export function returnsInside(block: RegionBlock): boolean {
  const last = lastOf(block);
  return block.frame.caller !== undefined && last.op === 'jump' && last.attr.hint === 'return';
}

/** Whether all that the blocks lead to is among them, but for calls and returns. */
function isWhole(blocks: readonly RegionBlock[]): boolean {
  const known = new Set(blocks.map(({ address }) => address));
  return (
    blocks.some(returnsInside) &&
    blocks.every((block) => returnsInside(block) || (targetsOf(block).length > 0 && !block.guesses)) &&
    blocks.every((block) => targetsOf(block).every((target) => known.has(target)))
  );
}

function isSmall(blocks: readonly RegionBlock[], { other }: InliningLimits): boolean {
  const isLeaf = !blocks.some((block) => isCall(lastOf(block)));
  return isLeaf || (sizeOf(blocks) <= other.instructions && blocks.length <= other.blocks);
}

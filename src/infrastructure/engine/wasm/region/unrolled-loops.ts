import type { FlowGraph } from './flow-graph.ts';
import { endsComputed, type Frame, isCall, type RegionBlock } from './region-discovery.ts';

/** Instructions and blocks of a loop that is unrolled, instructions of all its rounds, and rounds. */
const limits = { instructions: 16, blocks: 4, unrolled: 32, rounds: 4 } as const;

/**
 * Takes rounds of small inner loops together: each round but the last goes on to blocks of its own instead of back to the header, so that
 * instructions are counted, and what remains is checked, once in so many rounds. A way out is as it was: each block knows how many
 * instructions have retired before it. `blocks`: those of `graph`, by number.
 */
export function unrollLoops(blocks: readonly RegionBlock[], graph: FlowGraph): readonly RegionBlock[] {
  const unrolled = [...blocks];
  let frames = Math.max(...blocks.map(({ frame }) => frame.number));
  for (const [header, members] of graph.loops) {
    const loop = [...members].map((member) => blocks[member]!);
    const rounds = roundsOf(loop, header, members, graph);
    if (rounds < 2) continue;
    const { frame, address } = blocks[header]!;
    const numbers = Array.from({ length: rounds }, (_, round) => (round === 0 ? frame.number : ++frames));
    const within = new Set(loop.map((block) => block.address));
    const frameOf = (round: number): Frame => ({
      ...frame,
      number: numbers[round]!,
      round: { header: address, within, next: numbers[(round + 1) % rounds]!, outside: frame.number },
    });
    for (const member of members) unrolled[member] = { ...blocks[member]!, frame: frameOf(0) };
    for (let round = 1; round < rounds; round++) {
      const own = frameOf(round);
      unrolled.push(...loop.map((block) => ({ ...block, frame: own })));
    }
  }
  return unrolled;
}

/** How many rounds of a loop are taken together. */
function roundsOf(
  loop: readonly RegionBlock[],
  header: number,
  members: ReadonlySet<number>,
  { loops }: FlowGraph,
): number {
  const isInnermost = [...members].every((member) => member === header || !loops.has(member));
  const size = loop.reduce((sum, { instructions }) => sum + instructions.length, 0);
  const { frame } = loop[0]!;
  const isPlain = loop.every(
    (block) => block.frame === frame && frame.round === undefined && !block.calls && goesToKnown(block),
  );
  if (!isInnermost || !isPlain || size > limits.instructions || loop.length > limits.blocks) return 1;
  return Math.min(limits.rounds, Math.floor(limits.unrolled / size));
}

/** Whether a block's end is neither a call nor a return, and goes nowhere that is known only then. */
function goesToKnown(block: RegionBlock): boolean {
  const last = block.instructions.at(-1)!.lifted.block.nodes.at(-1)!;
  return !isCall(last) && !endsComputed(block) && !(last.op === 'jump' && last.attr.hint === 'return');
}

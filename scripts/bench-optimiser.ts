/**
 * The optimiser's time for each guest instruction, and what it removes: `npm run bench:optimiser [-- seconds]`. Blocks are those
 * of a bundled guest program, cut where a basic block ends, and cut anywhere into runs of 8, 64 and 512 instructions.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BlockBuilder } from '../src/domain/ir/builder.ts';
import type { IrBlock } from '../src/domain/ir/node.ts';
import { optimise, passes } from '../src/domain/ir/optimiser/optimise.ts';
import { strictSurroundings } from '../src/domain/ir/optimiser/pass.ts';
import { riscv64 } from '../src/domain/isa/riscv64/riscv64.ts';

const seconds = Number(process.argv[2] ?? 2);
const program = readFileSync(fileURLToPath(new URL('../test/guests/bin/hello', import.meta.url)));

/** Decodes the program's text and cuts it into blocks of at most `most` instructions. */
function blocksOf(most: number, acrossBranches: boolean): IrBlock[] {
  const blocks: IrBlock[] = [];
  let ir = new BlockBuilder(riscv64.layout);
  const cut = () => {
    if (ir.instructionCount > 0) blocks.push(ir.finish());
    ir = new BlockBuilder(riscv64.layout);
  };
  for (let at = 0x1000; at < program.length - 4 && blocks.length < 4000;) {
    const decoded = riscv64.decode(program, at);
    if (typeof decoded === 'string') {
      at += 2;
      cut();
      continue;
    }
    at += decoded.length;
    const alone = new BlockBuilder(riscv64.layout);
    alone.instruction(decoded.length);
    decoded.lift(alone);
    if (alone.closed && acrossBranches) continue;
    ir.instruction(decoded.length);
    decoded.lift(ir);
    if (ir.closed || ir.instructionCount === most) cut();
  }
  cut();
  return blocks;
}

const sum = (blocks: readonly IrBlock[], of: (block: IrBlock) => number) =>
  blocks.reduce((total, block) => total + of(block), 0);

/** Runs `work` for the given time; microseconds a guest instruction, of the fastest round. */
function timed(blocks: readonly IrBlock[], work: (block: IrBlock) => void): number {
  const instructions = sum(blocks, (block) => block.instructionCount);
  let best = Infinity;
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    for (const block of blocks) work(block);
    best = Math.min(best, ((performance.now() - start) * 1000) / instructions);
  } while (performance.now() < end);
  return best;
}

console.log('blocks                  count  instructions  nodes before  after   µs/instruction');
for (const [name, most, across] of [
  ['basic blocks', 1 << 20, false],
  ['runs of 8', 8, true],
  ['runs of 64', 64, true],
  ['runs of 512', 512, true],
] as const) {
  const blocks = blocksOf(most, across);
  const microseconds = timed(blocks, optimise);
  const cells = [
    String(blocks.length).padStart(8),
    String(sum(blocks, (block) => block.instructionCount)).padStart(14),
    String(sum(blocks, (block) => block.nodes.length)).padStart(14),
    String(sum(blocks, (block) => optimise(block).nodes.length)).padStart(7),
    microseconds.toFixed(2).padStart(17),
  ];
  console.log(name.padEnd(20) + cells.join(''));
}

console.log('\npass (basic blocks)  nodes after   µs/instruction');
let blocks = blocksOf(1 << 20, false);
for (const pass of passes) {
  const microseconds = timed(blocks, (block) => pass.run(block, strictSurroundings));
  blocks = blocks.map((block) => pass.run(block, strictSurroundings));
  console.log(
    pass.name.padEnd(20) +
      String(sum(blocks, (block) => block.nodes.length)).padStart(12) +
      microseconds.toFixed(2).padStart(17),
  );
}

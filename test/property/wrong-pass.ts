import type { IrBlock } from '../../src/domain/ir/node.ts';
import { optimisationSteps, type OptimiserOptions } from '../../src/domain/ir/optimiser/optimise.ts';
import { printBlock } from '../../src/domain/ir/printer.ts';
import { verifyBlock } from '../../src/domain/ir/verifier.ts';
import { outcomeDifferences, runBlock, type Surrounding } from './block-execution.ts';

const address = 0x1_0000n;

/** The first pass after which the block is unsound or means something else. */
export function wrongPass(
  raw: IrBlock,
  surroundings: readonly Surrounding[],
  options: OptimiserOptions = {},
): readonly string[] {
  const expected = surroundings.map((surrounding) => runBlock(raw, address, surrounding));
  for (const { pass, block } of optimisationSteps(raw, options)) {
    const wrong = [
      ...verifyBlock(block),
      ...surroundings.flatMap((surrounding, at) =>
        outcomeDifferences(expected[at]!, runBlock(block, address, surrounding)),
      ),
    ];
    if (wrong.length > 0) return [pass.name, ...wrong, printBlock(raw), printBlock(block)];
  }
  return [];
}

import type { IrBlock } from '../node.ts';
import { deadCode } from './dead-code.ts';
import { deadWrites } from './dead-writes.ts';
import { forwardMemory } from './forward-memory.ts';
import { forwardState } from './forward-state.ts';
import { type Pass, strictSurroundings, type Surroundings } from './pass.ts';
import { raiseOnce } from './raise-once.ts';
import { rules } from './rules.ts';
import { simplifyBy } from './simplify.ts';

const simplify = simplifyBy(rules);

/**
 * The passes in the order in which they run. What a load is known to give is worth simplifying again; what a slot holds may
 * then turn out to be what is written to it.
 */
export const passes: readonly Pass[] = [
  forwardState,
  simplify,
  forwardMemory,
  { ...simplify, name: 'simplify-again' },
  { ...forwardState, name: 'forward-state-again' },
  raiseOnce,
  deadWrites,
  deadCode,
];

export interface OptimiserOptions {
  readonly passes?: readonly Pass[];
  readonly surroundings?: Partial<Surroundings>;
}

/**
 * Gives a block that means what `block` means: the same guest state, memory, exit and counters wherever anyone can look, in
 * the same number of instructions. `block` may hold any number of guest instructions and is not changed.
 */
export function optimise(block: IrBlock, options: OptimiserOptions = {}): IrBlock {
  let optimised = block;
  for (const { block: after } of optimisationSteps(block, options)) optimised = after;
  return optimised;
}

export interface OptimisationStep {
  readonly pass: Pass;
  readonly block: IrBlock;
}

/** The block after each pass. */
export function* optimisationSteps(
  block: IrBlock,
  { passes: chosen = passes, surroundings = {} }: OptimiserOptions = {},
): Generator<OptimisationStep> {
  const assumed = { ...strictSurroundings, ...surroundings };
  let current = block;
  for (const pass of chosen) {
    current = pass.run(current, assumed);
    yield { pass, block: current };
  }
}

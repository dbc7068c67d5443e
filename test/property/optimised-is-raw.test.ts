import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../src/domain/ir/node.ts';
import { deadWrites } from '../../src/domain/ir/optimiser/dead-writes.ts';
import { forwardMemory } from '../../src/domain/ir/optimiser/forward-memory.ts';
import { forwardState } from '../../src/domain/ir/optimiser/forward-state.ts';
import type { Pass } from '../../src/domain/ir/optimiser/pass.ts';
import { rule } from '../../src/domain/ir/optimiser/rule.ts';
import { simplifyBy } from '../../src/domain/ir/optimiser/simplify.ts';
import { c, d, shl, shrU, x } from '../../src/domain/ir/optimiser/term.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { randomEffects } from './random-effects.ts';
import { instructionOf, liftBlock, randomOperations, randomSurrounding } from './random-ir.ts';
import { wrongPass } from './wrong-pass.ts';

/**
 * The optimiser on random blocks, judged by the golden evaluator: all registers, memory, exit, faults and counters, after
 * every pass. ISOCHRON_SEED repeats a failure, ISOCHRON_BLOCKS says how many blocks of
 * instructions (1,000; 10,000 in CI); of other kinds there are half as many.
 */
const runs = Number(process.env['ISOCHRON_BLOCKS'] ?? (process.env['CI'] ? 10_000 : 1_000));
const others = runs / 2;
const seed = Number(process.env['ISOCHRON_SEED'] ?? 20_261_125);
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test(`raw ≡ optimised on ${runs} random blocks of RV64GC instructions, 3 states each`, () => {
  fc.assert(
    fc.property(fc.array(seeds, { minLength: 1, maxLength: 24 }), fc.noShrink(seeds), (words, stateSeed) => {
      const random = new Random(stateSeed);
      const surroundings = [1, 2, 3].map(() => randomSurrounding(random));
      expect(wrongPass(liftBlock(words.map(instructionOf)), surroundings)).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
});

test(`raw ≡ optimised on ${others} random blocks where what can be written can be read`, () => {
  fc.assert(
    fc.property(fc.array(seeds, { minLength: 1, maxLength: 24 }), fc.noShrink(seeds), (words, stateSeed) => {
      const { slots, pages } = randomSurrounding(new Random(stateSeed));
      const readable = new Map(
        [...pages].map(([page, { access, fill }]) => [
          page,
          { access: access === 'write' ? ('both' as const) : access, fill },
        ]),
      );
      const block = liftBlock(words.map(instructionOf));
      const options = { surroundings: { writableIsReadable: true } };
      expect(wrongPass(block, [{ slots, pages: readable }], options)).toEqual([]);
    }),
    { numRuns: others, seed },
  );
});

test(`raw ≡ optimised on ${others} random blocks of IR operations of every integer width`, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.noShrink(seeds), (count, blockSeed) => {
      const random = new Random(blockSeed);
      const block = randomOperations(random, count);
      expect(
        wrongPass(
          block,
          [1, 2, 3].map(() => randomSurrounding(random)),
        ),
      ).toEqual([]);
    }),
    { numRuns: others, seed },
  );
});

test(`raw ≡ optimised on ${others} random blocks of effects`, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.noShrink(seeds), (count, blockSeed) => {
      const random = new Random(blockSeed);
      const block = randomEffects(random, count);
      expect(
        wrongPass(
          block,
          [1, 2, 3].map(() => randomSurrounding(random)),
        ),
      ).toEqual([]);
    }),
    { numRuns: others, seed },
  );
});

/** Hides from a pass the nodes of a kind, as if it did not know that they matter. */
const blindTo = (pass: Pass, op: Node['op']): Pass => ({
  ...pass,
  run(block, surroundings) {
    const isHidden = (node: Node) => node.op === op;
    const nodes = block.nodes.map((node) =>
      isHidden(node) ? ({ ...node, op: 'counter', type: 'i64', attr: { counter: 'time' } } as Node) : node,
    );
    const after = pass.run({ ...block, nodes }, surroundings);
    const hidden = block.nodes.filter(isHidden);
    const shown = after.nodes.map((node) => {
      if (node.op !== 'counter' || node.args.length === 0) return node;
      const { type, attr } = hidden.shift()!;
      return { ...node, op, type, attr } as Node;
    });
    return { ...after, nodes: shown };
  },
});

// prettier-ignore
test.each<readonly [string, readonly Pass[]]>([
  ['writes are dropped though a load may fault', [forwardState, blindTo(deadWrites, 'load')]],
  ['writes are dropped though a store may fault', [forwardState, blindTo(deadWrites, 'store')]],
  ['loads are forwarded past stores', [forwardState, simplifyBy([]), blindTo(forwardMemory, 'store')]],
  ['loads are forwarded past atomics', [forwardState, simplifyBy([]), blindTo(forwardMemory, 'rmw')]],
  ['reads are forwarded past raised exceptions', [blindTo(forwardState, 'raise')]],
  ['a rule is wrong', [forwardState, simplifyBy([rule('wrong', shrU(shl(x, c), d), shl(shrU(x, d), c))])]],
])('notices when %s', (_, wrongPasses) => {
  const found = fc.check(
    fc.property(fc.array(seeds, { minLength: 1, maxLength: 24 }), fc.noShrink(seeds), (words, stateSeed) => {
      const surroundings = [randomSurrounding(new Random(stateSeed))];
      return wrongPass(liftBlock(words.map(instructionOf)), surroundings, { passes: wrongPasses }).length === 0;
    }),
    { numRuns: 5_000, seed },
  );
  expect(found.failed).toBe(true);
  expect(found.counterexample![0].length).toBeLessThanOrEqual(5);
});

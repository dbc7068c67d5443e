import { afterAll, expect, test } from '@jest/globals';
import { guestBlock } from '../../src/application/proofs/guest-block.ts';
import { proveEquivalence } from '../../src/application/proofs/prove-equivalence.ts';
import type { IrBlock, Node } from '../../src/domain/ir/node.ts';
import { optimise } from '../../src/domain/ir/optimiser/optimise.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { instructionOf, liftBlock } from './random-ir.ts';
import { solver } from './solver-for-tests.ts';

/** Proofs of blocks: right optimisations are never refuted, wrong ones are, by inputs that the golden evaluator confirms. */
afterAll(() => solver.close());
const timeoutMs = 10_000;

function blockOf(source: string): IrBlock {
  const assembled = assemble(source.replaceAll(';', '\n'), { isa: riscv64, origin: 0x10000n });
  if (!assembled.ok) throw new Error(assembled.error[0]!.message);
  return guestBlock(riscv64, assembled.value.bytes, 0x10000n)!.raw;
}

test('random blocks, optimised, are proved, or the solver gives up; none is refuted', async () => {
  const random = new Random(20_261_125);
  const statuses: string[] = [];
  for (let at = 0; at < 60; at++) {
    const code = Array.from({ length: 1 + random.below(12) }, () => instructionOf(random.below(2 ** 31)));
    const raw = liftBlock(code);
    statuses.push((await proveEquivalence(raw, optimise(raw), solver, timeoutMs)).kind);
  }
  const proved = statuses.filter((kind) => kind === 'proved').length;
  expect(statuses).not.toContain('refuted');
  expect(proved).toBeGreaterThanOrEqual(57);
}, 600_000);

test.each([
  ['an operation', 'add a0, a1, a2', 'sub a0, a1, a2'],
  ['an operand', 'sub a0, a1, a2', 'sub a0, a2, a1'],
  ['a constant', 'addi a0, a1, 5', 'addi a0, a1, 6'],
  ['the other register', 'mv a0, a1', 'mv a1, a0'],
  ['the width of a store', 'sw a0, 0(a1)', 'sd a0, 0(a1)'],
  ['the order of stores that may overlap', 'sb a0, 0(a1); sb a2, 0(a3)', 'sb a2, 0(a3); sb a0, 0(a1)'],
  ['what a branch compares', 'bltu a0, a1, 0x10010', 'blt a0, a1, 0x10010'],
  ['division for a shift', 'srai a0, a1, 1', 'li a2, 2; div a0, a1, a2'],
  ['the sign of a word', 'lw a0, 0(a1)', 'lwu a0, 0(a1)'],
  ['a product', 'mul a0, a1, a2', 'mulw a0, a1, a2'],
])(
  'refutes %s: %s is not %s',
  async (_, one, other) => {
    const outcome = await proveEquivalence(blockOf(one), blockOf(other), solver, 60_000);
    expect(outcome.kind).toBe('refuted');
    if (outcome.kind === 'refuted') expect(outcome.differences.length).toBeGreaterThan(0);
  },
  120_000,
);

test.each([['stores that cannot overlap', 'sd a0, 0(sp); sd a2, 8(sp)', 'sd a2, 8(sp); sd a0, 0(sp)']])(
  'knows that faults come in order: %s',
  async (_, one, other) => {
    // The first store may fault after the second was made.
    expect((await proveEquivalence(blockOf(one), blockOf(other), solver, timeoutMs)).kind).not.toBe('proved');
  },
);

/** A block without its nth store, load or write. */
function without(block: IrBlock, op: Node['op']): IrBlock {
  const at = block.nodes.findIndex((node) => node.op === op);
  const nodes = block.nodes.map((node) =>
    node.id === at
      ? ({ ...node, op: 'fence', type: 'void', args: [], attr: { ordering: 'plain' } } as Node)
      : node,
  );
  return { ...block, nodes };
}

test.each([
  ['store', 'sd a0, 0(sp); addi a0, a0, 1'],
  ['write', 'addi a0, a0, 1; addi a1, a1, 1'],
  ['raise', 'fadd.d fa0, fa1, fa2'],
] as const)('refutes a block that has lost its %s', async (op, source) => {
  const block = blockOf(source);
  const outcome = await proveEquivalence(block, without(block, op), solver, timeoutMs);
  expect(outcome.kind === 'refuted' || (op === 'raise' && outcome.kind === 'unknown')).toBe(true);
});

test('proves what differs in form: a load is what was just stored', async () => {
  const [one, other] = [
    blockOf('sd a0, 8(sp); addi sp, sp, 16; ld a1, -8(sp)'),
    blockOf('sd a0, 8(sp); addi sp, sp, 16; ld a1, -8(sp); nop'),
  ];
  expect((await proveEquivalence(one, optimise(one), solver, timeoutMs)).kind).toBe('proved');
  expect((await proveEquivalence(one, other, solver, timeoutMs)).kind).toBe('refuted');
});

import { describe, expect, test } from '@jest/globals';
import { assemble } from '../../isa/assembler.ts';
import { riscv64 } from '../../isa/riscv64/riscv64.ts';
import { BlockBuilder } from '../builder.ts';
import type { IrBlock, Node } from '../node.ts';
import { verifyBlock } from '../verifier.ts';
import { optimise, type OptimiserOptions, optimisationSteps, passes } from './optimise.ts';

/** One block of the instructions of a source. */
function lift(source: string): IrBlock {
  const assembled = assemble(source.replaceAll(';', '\n'), { isa: riscv64, origin: 0x1_0000n });
  if (!assembled.ok) throw new Error(assembled.error[0]?.message);
  const ir = new BlockBuilder(riscv64.layout);
  const { bytes } = assembled.value;
  for (let at = 0; at < bytes.length;) {
    const decoded = riscv64.decode(bytes, at);
    if (typeof decoded === 'string') throw new Error(decoded);
    ir.instruction(decoded.length);
    decoded.lift(ir);
    at += decoded.length;
  }
  return ir.finish();
}

/** What is left: ops, without markers, constants and the end. */
function left(source: string, options: OptimiserOptions = {}): string {
  const block = optimise(lift(source), options);
  expect(verifyBlock(block)).toEqual([]);
  const words = ({ op, attr }: Node) =>
    op === 'read' || op === 'write' ? [`${op} ${(attr as { slot: { name: string } }).slot.name}`] : [op];
  return block.nodes
    .filter(({ op }) => !['instruction', 'const', 'next'].includes(op))
    .flatMap(words)
    .join(', ');
}

describe('the optimiser', () => {
  // prettier-ignore
  test.each([
    ['a read gives what was written', 'li a0, 5; addi a0, a0, 1', 'write x10'],
    ['a pair of shifts is an extension', 'slli a0, a0, 32; srli a0, a0, 32', 'read x10, trunc, zext, write x10'],
    ['a word is extended once', 'addiw a0, a0, 1; addiw a0, a0, 2', 'read x10, trunc, add, sext, write x10'],
    ['addresses are folded', 'addi a0, a0, 16; addi a0, a0, 16; ld a1, 8(a0)', 'read x10, add, write x10, add, load, write x11'],
    ['equal values are computed once', 'add a2, a0, a1; add a3, a0, a1', 'read x10, read x11, add, write x12, write x13'],
    ['a move to itself does nothing', 'mv a0, a0', ''],
    ['a single is not unboxed again', 'fadd.s fa0, fa0, fa1, rne; fmv.x.w a0, fa0',
      'read f10, extract, eq, trunc, select, bitcast, read f11, extract, eq, trunc, select, bitcast, fadd, bitcast, zext, or, write f10, raise, sext, write x10'],
    ['a jump on a known condition is a jump', 'li a0, 1; loop: bnez a0, loop', 'write x10, pc, jump'],
    ['multiplication by a power of two shifts', 'li a1, 8; mul a0, a0, a1', 'write x11, read x10, shl, write x10'],
    ['negated conditions are turned', 'slt a0, a1, a2; xori a0, a0, 1', 'read x11, read x12, leS, zext, write x10'],
  ])('%s', (_, source, expected) => {
    expect(left(source)).toBe(expected);
  });
});

describe('guest state', () => {
  test('that is overwritten unseen is not written', () => {
    expect(left('li a0, 1; li a0, 2')).toBe('write x10');
  });

  test('is written before whatever may fault, for a fault shows it', () => {
    expect(left('li a0, 1; ld a1, 0(a2); li a0, 2')).toBe('write x10, read x12, load, write x11, write x10');
    expect(left('li a0, 1; fadd.d fa0, fa1, fa2, dyn; li a0, 2')).toMatch(
      /^write x10, read frm, leU, trapIf.*write x10$/,
    );
  });

  test('is written before whatever the engine may leave at, when it says so', () => {
    const source = 'li a0, 1; fadd.d fa0, fa1, fa2, rne; li a0, 2';
    const writes = (options: OptimiserOptions) => left(source, options).match(/write x10/g)?.length;
    expect(writes({})).toBe(1);
    expect(writes({ surroundings: { mayLeave: (op) => op === 'fadd' } })).toBe(2);
  });

  test('of float exceptions is raised once for one operation, and again after it was written', () => {
    const add = 'fadd.d fa0, fa1, fa2, rne';
    const raises = (source: string) => left(source).match(/raise/g)?.length;
    expect(raises(`${add}; fadd.d fa3, fa1, fa2, rne`)).toBe(1);
    expect(raises(`${add}; csrr a0, fflags; fsflags a1; fadd.d fa3, fa1, fa2, rne`)).toBe(2);
  });

  test('of float exceptions is not raised for exact constants', () => {
    expect(left('fcvt.d.w fa0, zero')).toBe('write f10');
  });
});

describe('memory', () => {
  const loads = (source: string, options: OptimiserOptions = {}) =>
    left(source, options).match(/load/g)?.length ?? 0;

  test('is loaded once where nothing stores between', () => {
    expect(loads('ld a0, 8(sp); ld a1, 8(sp)')).toBe(1);
    expect(loads('ld a0, 8(sp); sd a2, 16(sp); ld a1, 8(sp)')).toBe(1);
    expect(loads('ld a0, 8(sp); addi sp, sp, 8; ld a1, 0(sp)')).toBe(1);
  });

  test('is loaded again where a store may have changed it', () => {
    expect(loads('ld a0, 8(sp); sd a2, 12(sp); ld a1, 8(sp)')).toBe(2);
    expect(loads('ld a0, 8(sp); sd a2, 0(a3); ld a1, 8(sp)')).toBe(2);
    expect(loads('ld a0, 8(sp); lw a1, 8(sp)')).toBe(2);
  });

  test('is loaded again after atomics and fences', () => {
    expect(loads('ld a0, 8(sp); fence rw, rw; ld a1, 8(sp)')).toBe(2);
    expect(loads('ld a0, 8(sp); amoadd.d a2, a2, (a3); ld a1, 8(sp)')).toBe(2);
    expect(loads('lr.d a0, (sp); lr.d a1, (sp)')).toBe(2);
  });

  test('that was stored is not loaded where writable means readable; elsewhere the load stays for its fault', () => {
    const source = 'sd a0, 8(sp); ld a1, 8(sp)';
    expect(loads(source, { surroundings: { writableIsReadable: true } })).toBe(0);
    expect(left(source)).toBe('read x2, add, read x10, store, load, write x11');
    expect(loads('ld a2, 8(sp); sd a0, 8(sp); ld a1, 8(sp)')).toBe(1);
  });
});

describe('passes', () => {
  test('can be chosen, and shown one by one', () => {
    const block = lift('li a0, 5; addi a0, a0, 1');
    const steps = [...optimisationSteps(block)].map(({ pass }) => pass.name);
    expect(steps).toEqual(passes.map(({ name }) => name));
    expect(optimise(block, { passes: [] })).toBe(block);
  });

  test('keep a block sound that has more values than are shared', () => {
    const block = lift('ld a0, 8(sp); addi a0, a0, 1; sd a0, 8(sp); xor a1, a1, a0;'.repeat(3000));
    const optimised = optimise(block);
    expect(verifyBlock(optimised)).toEqual([]);
    expect(optimised.nodes.length).toBeLessThan(0.7 * block.nodes.length);
    expect(optimised.instructionCount).toBe(block.instructionCount);
  });
});

import { expect, test } from '@jest/globals';
import { assemble } from '../../domain/isa/assembler.ts';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';
import type { Assembler } from '../ports/written-oracle.ts';
import { AssemblerRelation } from './assembler-relation.ts';
import { CoverageCounter } from './coverage-counter.ts';
import { Random } from './generators/random.ts';

/** An assembler that is ours, but for `change` and the lines that it refuses. */
const assembler = (change: (bytes: Uint8Array) => Uint8Array, refused = /^$/): Assembler => ({
  name: 'other 1',
  absent: undefined,
  known: [{ why: 'its fault', covers: (_, theirs) => theirs === undefined, examples: [] }],
  knownFor: [],
  assemble: (lines, origin) =>
    lines.map(({ text }) => {
      const assembled = assemble(text, { isa: riscv64, origin });
      return assembled.ok && !refused.test(text) ? change(assembled.value.bytes) : undefined;
    }),
});
const verify = (other: Assembler) =>
  new AssemblerRelation(riscv64, other).verify(
    riscv64.row('add')!,
    new Random('1'),
    50,
    new CoverageCounter(),
  );

test('holds against an assembler that encodes alike, and counts known differences', () => {
  expect(verify(assembler((bytes) => bytes))).toMatchObject({ cases: 50, counterexample: undefined });
  const { knownDifferences, counterexample } = verify(assembler((bytes) => bytes, /zero/));
  expect(knownDifferences).toBeGreaterThan(0);
  expect(counterexample).toBeUndefined();
});

test('shrinks what an assembler encodes otherwise', () => {
  const { counterexample } = verify(
    assembler((bytes) => bytes.map((byte, at) => (at === 3 ? byte ^ 0x40 : byte))),
  );
  expect(counterexample).toMatchObject({
    case: '[33 00 00 00] "add zero,zero,zero"',
    differences: [{ field: 'encoding of add zero,zero,zero', expected: '33000040', found: '33000000' }],
  });
});

import { describe, expect, test } from '@jest/globals';
import { riscv64 } from '../../domain/isa/riscv64/riscv64.ts';
import type { Disassembler } from '../ports/written-oracle.ts';
import { CoverageCounter } from './coverage-counter.ts';
import { DisassemblyRelation } from './disassembly-relation.ts';
import { Random } from './generators/random.ts';
import { holdVotes, writtenText } from './votes.ts';

/** A voter that says what we say, but for `change`. */
const voter = (
  name: string,
  change: (text: string) => string,
  known: Disassembler['known'] = [],
): Disassembler => ({
  name,
  absent: undefined,
  known,
  knownFor: [name],
  disassemble: (encodings) =>
    encodings.map((bytes) => {
      const text = writtenText(riscv64, bytes);
      return text === undefined ? undefined : change(text);
    }),
});
const honest = (text: string): string => text;
const takesAddForSub = (text: string): string => text.replace(/^add /, 'sub ');
const add = Uint8Array.of(0x33, 0x85, 0xc5, 0x00);
const kindOf = (...voters: readonly Disassembler[]) => holdVotes(riscv64, voters, [add])[0]!.kind;

describe('a vote', () => {
  test('is agreed where all say the same, hexadecimal or not', () => {
    expect(kindOf(voter('one', honest), voter('two', honest))).toBe('agreed');
    const slli = Uint8Array.of(0x13, 0x95, 0xa5, 0x00);
    const decimal = voter('decimal', (text) => text.replace('0xa', '10'));
    expect(holdVotes(riscv64, [decimal], [slli])[0]).toMatchObject({
      kind: 'agreed',
      ours: 'slli a0,a1,0xa',
    });
  });

  test('is disputed where the voters are not of one mind', () => {
    expect(kindOf(voter('one', honest), voter('two', takesAddForSub))).toBe('disputed');
    expect(
      kindOf(
        voter('one', takesAddForSub),
        voter('two', (text) => text.replace('add', 'xor')),
      ),
    ).toBe('disputed');
  });

  test('refutes us where all that vote say the same of another kind', () => {
    expect(kindOf(voter('one', takesAddForSub), voter('two', takesAddForSub))).toBe('refuted');
    const covers = (_: unknown, theirs: string | undefined) => theirs?.startsWith('sub') ?? false;
    const excused = voter('two', takesAddForSub, [{ why: 'its fault', covers, examples: [] }]);
    expect(kindOf(voter('one', takesAddForSub), excused)).toBe('refuted');
    expect(kindOf(voter('one', honest), excused)).toBe('known');
  });
});

describe('the relation disassembly', () => {
  const verify = (...voters: readonly Disassembler[]) => {
    const coverage = new CoverageCounter();
    const row = riscv64.row('add')!;
    const result = new DisassemblyRelation(riscv64, voters).verify(row, new Random('1'), 50, coverage);
    return { ...result, coverage: coverage.coverage };
  };

  test('shrinks what is refuted to the simplest encoding', () => {
    const { counterexample } = verify(voter('one', takesAddForSub), voter('two', takesAddForSub));
    expect(counterexample).toMatchObject({
      case: '[33 00 00 00] "add zero,zero,zero"',
      differences: [
        { field: 'one', expected: 'sub zero,zero,zero', found: 'add zero,zero,zero' },
        { field: 'two', expected: 'sub zero,zero,zero' },
      ],
    });
  });

  test('names disputes in the coverage map, and goes on', () => {
    const { cases, counterexample, coverage } = verify(voter('one', honest), voter('two', takesAddForSub));
    expect({ cases, counterexample }).toEqual({ cases: 50, counterexample: undefined });
    const outcomes = Object.keys(coverage['add']!['an encoding']!);
    expect(outcomes).toContainEqual(expect.stringMatching(/^disputed by two: add .* \/ sub /));
  });
});

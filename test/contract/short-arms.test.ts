import { describe, expect, test } from '@jest/globals';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmCodeView } from '../../src/infrastructure/engine/wasm/wasm-code-view.ts';
import { regionModes } from '../engine-modes.ts';
import { runOf, table } from './states-of-a-run.ts';

/** Rounds whose bits decide what `body` skips: a5 is a bit, a6 another, of numbers that look random. */
const rounds = (body: string): string => `li s0, ${table}
  li s1, 60
  li s2, 0x9e3779b9
  round: mul s2, s2, s2
  addi s2, s2, 77
  srli a5, s2, 20
  andi a5, a5, 1
  srli a6, s2, 33
  andi a6, a6, 1
  ${body}
  addi s1, s1, -1
  bnez s1, round
  ecall`;

const programs = {
  'one instruction, skipped': rounds('beqz a5, skip\naddi a0, a0, 3\nskip:'),
  'one instruction, skipped where the condition does not hold': rounds(
    'bnez a5, skip\nxor a0, a0, s2\nskip:',
  ),
  'three instructions on each other': rounds(
    'beqz a5, skip\nslli a0, s2, 48\nsrli a0, a0, 48\nadd a1, a1, a0\nskip:',
  ),
  'two arms, one after the other': rounds(
    'beqz a5, one\naddi a0, a0, 1\none: beqz a6, two\nadd a1, a1, a0\ntwo:',
  ),
  'an arm of what was written just before': rounds(
    'add a0, a0, s2\nbeqz a5, skip\nsub a0, zero, a0\nskip: sd a0, 0(s0)',
  ),
  'an arm whose result nothing wants': rounds('beqz a5, skip\nli a4, 9\nskip: li a4, 8'),
  'an arm that goes round the loop': `li s1, 60
    li s2, 0x9e3779b9
    round: mul s2, s2, s2
    addi s2, s2, 77
    addi s1, s1, -1
    beqz s1, done
    slti a5, s2, 0
    beqz a5, round
    addi a0, a0, 1
    j round
    done: ecall`,
  'an arm that may leave': rounds('beqz a5, skip\nld a0, 0(s0)\nskip:'),
  'an arm that another way leads into': rounds('bnez a6, arm\nbeqz a5, skip\narm: addi a0, a0, 5\nskip:'),
  'arms on both sides': rounds('beqz a5, other\naddi a0, a0, 1\nj both\nother: addi a0, a0, -1\nboth:'),
  'an arm that is a call': rounds('li ra, 0\nbeqz a5, skip\njal ra, f\nskip: add a1, a1, ra').concat(
    '\nf: ecall',
  ),
  'an arm in a called function': rounds('jal ra, f').concat('\nf: beqz a5, skip\naddi a0, a0, 7\nskip: ret'),
};

describe.each(Object.entries(programs))('%s', (_, source) => {
  const wholly = runOf(goldenEngine, source, 1 << 20);
  const sliced = runOf(goldenEngine, source, 7);
  test.each(regionModes)('has the same states at the same counts: %s', (_name, engine) => {
    expect(wholly.stop).toEqual({ reason: 'syscall' });
    expect(runOf(engine, source, 1 << 20).states).toEqual(wholly.states);
    expect(runOf(engine, source, 7).states).toEqual(sliced.states);
  });
});

test.each([
  ['addi a0, a0, 3', true],
  ['ld a0, 0(s0)', false],
  ['add a0, a0, a5\nadd a0, a0, a6\nadd a0, a0, a5\nadd a0, a0, a6', false],
])('%s is chosen instead of skipped: %s', (arm, chosen) => {
  const code = assemble(`beqz a5, skip\n${arm}\nskip: add a1, a1, a0\necall`, {
    isa: riscv64,
    origin: 0x1_0000n,
  });
  if (!code.ok) throw new Error(JSON.stringify(code.error));
  const text = wasmCodeView.show(riscv64, code.value.bytes, 0x1_0000n);
  expect(/\bselect\b/.test(text)).toBe(chosen);
});

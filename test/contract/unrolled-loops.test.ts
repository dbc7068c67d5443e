import { describe, expect, test } from '@jest/globals';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { regionModes } from '../engine-modes.ts';
import { runOf, table } from './states-of-a-run.ts';

const programs = {
  'a loop of one block': 'li t0, 23\nround: add a0, a0, t0\naddi t0, t0, -1\nbnez t0, round\necall',
  'a loop of one instruction and its branch': 'li t0, -9\nround: addi t0, t0, 1\nbltz t0, round\necall',
  'a loop that is left in its middle': `li t0, 40
    li t1, 13
    round: addi t0, t0, -1
    beq t0, t1, done
    add a0, a0, t0
    bnez t0, round
    done: xor a0, a0, t0
    ecall`,
  'a loop with a short arm': `li t0, 31
    round: andi t1, t0, 5
    beqz t1, skip
    addi a0, a0, 3
    skip: addi t0, t0, -1
    bnez t0, round
    ecall`,
  'loops in a loop': `li s0, 6
    outer: li t0, 7
    inner: add a0, a0, t0
    addi t0, t0, -1
    bnez t0, inner
    li t0, 5
    other: sub a1, a1, t0
    addi t0, t0, -1
    bnez t0, other
    addi s0, s0, -1
    bnez s0, outer
    ecall`,
  'a loop that a function is called for': `li s0, 9
    again: jal ra, f
    addi s0, s0, -1
    bnez s0, again
    ecall
    f: li t0, 6
    round: add a0, a0, t0
    addi t0, t0, -1
    bnez t0, round
    ret`,
  'a loop of stores that ends in a fault': `li t0, ${table + 0x1f00}
    round: sd t0, 0(t0)
    addi t0, t0, 8
    j round`,
  'a loop of loads that ends in a fault': `li t0, ${table + 0x1f80}
    round: lbu a1, 0(t0)
    add a0, a0, a1
    addi t0, t0, 1
    bnez t0, round`,
  'a loop that goes back from two places': `li t0, 50
    round: addi t0, t0, -1
    andi t1, t0, 3
    bnez t1, round
    addi a0, a0, 1
    bnez t0, round
    ecall`,
};

describe.each(Object.entries(programs))('%s', (_, source) => {
  const slices = [1, 2, 3, 5, 11, 1 << 20];
  const golden = slices.map((slice) => runOf(goldenEngine, source, slice));
  test.each(regionModes)('has the same states at the same counts: %s', (_name, engine) => {
    for (const [at, slice] of slices.entries()) {
      const { states, stop } = runOf(engine, source, slice);
      expect(states).toEqual(golden[at]!.states);
      expect(stop).toEqual(golden[at]!.stop);
    }
  });
});

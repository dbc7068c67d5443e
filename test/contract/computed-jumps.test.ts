import { describe, expect, test } from '@jest/globals';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { runOf, stack, table } from './states-of-a-run.ts';

/** Ten functions or labels of different length, which `0(s0)` says the places of. */
const functions = Array.from(
  { length: 10 },
  (_, n) => `f${n}: addi a0, a0, ${n + 1}\n${'xor a1, a1, a0\n'.repeat(n)}`,
);
const labels = functions.map((_, n) => `f${n}`);

/** Calls (or goes to) one after another, in an order that is another in the second half. */
const loop = (go: string, end: string): string => `li s0, ${table}
  li sp, ${stack}
  li s1, 160
  li s3, 0
  round: li t0, 80
  bltu s1, t0, second
  andi t1, s1, 3
  j chosen
  second: li t1, 10
  remu t1, s1, t1
  chosen: slli t1, t1, 3
  add t1, t1, s0
  ld t2, 0(t1)
  ${go}
  next: addi s1, s1, -1
  bnez s1, round
  ecall
  ${functions.map((text) => `${text}\n${end}`).join('\n')}`;

const programs = {
  'calls of small functions': loop('jalr ra, 0(t2)', 'ret'),
  'calls of functions that call': loop(
    'jalr ra, 0(t2)',
    `addi sp, sp, -16
    sd ra, 0(sp)
    jal ra, deep
    ld ra, 0(sp)
    addi sp, sp, 16
    ret`,
  ).concat('\ndeep: addi s3, s3, 1\nret'),
  'jumps of a switch': loop('jr t2', 'j next'),
  'a call that does not return to where it was called': loop('jalr ra, 0(t2)', 'addi ra, ra, 4\nret').replace(
    'next:',
    'nop\nnext:',
  ),
};

describe.each(Object.entries(programs))('%s', (_, source) => {
  test.each([
    ['at once', [1, 1, 1, 1, 1, 1, 1, 1]],
    ['after a while', [10, 50]],
    ['never', []],
  ])('have the same states when guessed %s', (_when, targetRounds) => {
    for (const slice of [97, 1 << 20]) {
      const golden = runOf(goldenEngine, source, slice, labels);
      const { states, stop } = runOf(wasmEngineWith({ hotLimit: 0, targetRounds }), source, slice, labels);
      expect(stop).toEqual({ reason: 'syscall' });
      expect(states).toEqual(golden.states);
    }
  });
});

test('a region is translated anew when there are guesses, and has what is guessed inside', () => {
  const { events } = runOf(
    wasmEngineWith({ hotLimit: 0, targetRounds: [20] }),
    programs['jumps of a switch'],
    1 << 20,
    labels,
  );
  const replaced = events.filter(
    (event) => event.type === 'TranslationDropped' && event.reason === 'replaced',
  );
  expect(replaced.length).toBeGreaterThan(0);
  const blocks = events.flatMap((event) => (event.type === 'RegionTranslated' ? event.blocks : []));
  expect(Math.max(...blocks)).toBeGreaterThanOrEqual(8);
});

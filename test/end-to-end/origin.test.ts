import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeGuest } from './assembled-guest.ts';
import { isochron } from './recording-terminal.ts';

/** Values are followed through registers and memory to what they were made of. */

/** By instruction: 2 and 3 make 5 through memory; getpid and a sum; eight bytes written in two halves. */
const mixing = `
        addi s1, sp, -64
        li t0, 2
        li t1, 3
        sd t0, 0(s1)
        add t1, t1, t1
        ld t2, 0(s1)
        add s2, t2, t1
        mv a0, zero
        li a7, 172
        ecall
        add s3, a0, s2
        sw s2, 8(s1)
        sw s3, 12(s1)
        ld s4, 8(s1)
        li a0, 0
        li a7, 93
        ecall
`;

interface Step {
  readonly icount?: number;
  readonly by: string;
  readonly value: string;
  readonly call?: string;
  readonly text?: string;
  readonly sources: readonly { readonly step?: number }[];
}

describe('origin', () => {
  let store = '';
  const cli = (...words: string[]) => isochron({ store }, ...words);
  const steps = async (...words: string[]): Promise<Step[]> =>
    (await cli('origin', 'mixing', ...words, '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step);
  const brief = ({ icount, by, value, call, sources }: Step) =>
    [icount, by, value, call, ...sources.map(({ step }) => `#${step}`)].filter((part) => part !== undefined);

  beforeAll(async () => {
    store = mkdtempSync(join(tmpdir(), 'isochron-origin-'));
    const file = writeGuest(join(store, 'guest'), mixing);
    expect((await cli('run', '--record', 'mixing', file)).status).toBe(0);
  });
  afterAll(() => rmSync(store, { recursive: true, force: true }));

  const sum = [
    [6, 'computed', '0x8', '#1', '#2'],
    [5, 'computed', '0x2', '#3'],
    [4, 'computed', '0x6', '#4'],
    [3, 'computed', '0x2', '#5'],
    [2, 'constant', '0x3'],
    [1, 'constant', '0x2'],
  ];

  test('follows operands, through memory, to constants', async () => {
    expect((await steps('s2', '--before', '8')).map(brief)).toEqual(sum);
  });

  test('gives the same with an index, and as text', async () => {
    await cli('index', 'mixing');
    expect((await steps('s2', '--before', '8')).map(brief)).toEqual(sum);
    const { stdout } = await cli('origin', 'mixing', 's2', '--before', '8');
    expect(stdout).toMatch(/^#0 +mixing\/main\/6 +s2 = 0x8 +add s2, t2, t1 +from t2 #1, t1 #2\n/);
    expect(stdout).toMatch(/#5 +mixing\/main\/1 +t0 = 0x2 .* a constant\n$/);
  });

  test('ends at system calls, whose results no instruction writes', async () => {
    const found = await steps('s3', '--before', '11');
    expect(found.slice(0, 2).map(brief)).toEqual([
      [10, 'computed', '0x6c', '#1', '#2'],
      [9, 'system', '0x64', 'getpid'],
    ]);
    expect(found).toHaveLength(8);
  });

  test('follows each part of what was written in parts', async () => {
    const found = await steps('s4', '--before', '14', '--limit', '3');
    expect(found.map(({ icount, text }) => [icount, text])).toEqual([
      [13, 'ld s4, 8(s1)'],
      [12, 'sw s3, 12(s1)'],
      [11, 'sw s2, 8(s1)'],
    ]);
    expect(found[1]!.sources).toHaveLength(2);
    expect((await cli('origin', 'mixing', 's4', '--before', '14', '--limit', '3')).stderr).toBe(
      'isochron: more was not followed; see --limit\n',
    );
  });

  test('ends at what was there from the beginning', async () => {
    const found = await steps('s1', '--before', '3');
    expect(found.map(({ by }) => by)).toEqual(['computed', 'beginning']);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeGuest } from './assembled-guest.ts';
import { guest, isochron } from './recording-terminal.ts';

/** Going to instants of recordings, and asking when things happened, from the command line. */

/** Counts to 5 at 16 below the stack pointer, asks for the time there, and exits. */
const counting = `
        addi s1, sp, -16
        li s0, 5
loop:   ld t0, 0(s1)
        addi t0, t0, 1
        sd t0, 0(s1)
        addi s0, s0, -1
        bnez s0, loop
        li a0, 1
        mv a1, s1
        li a7, 113
        ecall
        ld t0, 0(s1)
        li a0, 0
        li a7, 93
        ecall
`;

let store = '';
let address = '';
const cli = (...words: string[]) => isochron({ store }, ...words);
const json = async (...words: string[]) =>
  (await cli(...words, '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-travel-'));
  const file = writeGuest(join(store, 'guest'), counting);
  expect((await cli('run', '--record', 'counting', file)).status).toBe(0);
  await cli('run', '--record', 'signals', guest('signals'));
  const [{ registers }] = (await json('seek', 'counting/main/1')) as [{ registers: Record<string, string> }];
  address = registers['x9']!;
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

describe('seek', () => {
  test('prints an instant, however it is written', async () => {
    const { stdout, status } = await cli('seek', 'counting', '3');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^counting\/main\/3: thread 100 of process 100 \(running\), pc 0x10084\n/);
    expect(stdout).toMatch(/s0 +0{15}5$/m);
    for (const words of [['counting/main/3'], ['counting', 'counting/main/3'], ['counting', '0x3']])
      expect((await cli('seek', ...words)).stdout).toBe(stdout);
    const [shown] = await json('seek', 'counting', '3', '--engine', 'golden');
    expect(shown).toMatchObject({ instant: 'counting/main/3', icount: 3, thread: 100, pc: '0x10084' });
    expect(stdout).toContain(shown!['digest'] as string);
    expect((await cli('inspect', 'counting', '--at', 'counting/main/3')).stdout).toMatch(/at instruction 3:/);
  });

  test.each([
    [['counting'], 2, /no instant is given/],
    [['counting', 'signals/main/3'], 125, /another recording/],
    [['counting/other/3'], 125, /no branch "other"; `isochron branches counting` shows/],
    [['counting/main/3/4'], 125, /not an instant/],
    [['counting', '99999999'], 125, /can be visited at instructions 0 to/],
    [['counting', 'soon'], 2, /"soon" is not a count/],
    [['counting', '3', '--thread', '7'], 125, /no thread 7.*threads then: 100/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('seek', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });
});

describe('when', () => {
  test('lists writes of memory, by instructions and by the system', async () => {
    const events = await json('when', 'counting', '--writes', `${address}:8`);
    const text = (event: Record<string, unknown>) => [event['icount'], event['by'], event['instruction']];
    expect(events.map(text)).toEqual([
      ...[4, 9, 14, 19, 24].map((icount) => [icount, 'instruction', 'sd t0, 0(s1)']),
      [30, 'system', 'ecall'],
    ]);
    const { stdout } = await cli(
      'when',
      'counting',
      '--writes',
      `${address}:8`,
      '--before',
      '20',
      '--limit',
      '2',
    );
    expect(stdout.match(/^counting\/main\/\d+/gm)).toEqual(['counting/main/19', 'counting/main/14']);
  });

  test('judges conditions', async () => {
    const where = async (...words: string[]) =>
      (await json('when', 'counting', ...words)).map(({ icount }) => icount);
    expect(await where('--writes-register', 't0', '--if', 't0 == 3')).toEqual([13, 17]);
    expect(await where('--executes', '0x10080', '--if', `[${address}] >= 4`)).toEqual([22]);
    expect(await where('--reads', address, '--from', '20', '--if', 's0 != 0')).toEqual([22]);
  });

  test('lists system calls, signals and thread switches', async () => {
    const calls = await json('when', 'counting', '--syscall');
    expect(calls.map(({ call }) => call)).toEqual(['clock_gettime']);
    const signals = await json('when', 'signals', '--signal', '--limit', '3');
    expect(signals.map(({ kind }) => kind)).toEqual(['signal', 'signal', 'signal']);
    expect((await cli('when', 'counting', '--switch')).stderr).toBe('isochron: it does not happen\n');
  });

  test.each([
    [[], /nothing to look for is given/],
    [['--syscall', '--from', '1', '--before', '2'], /cannot go together/],
    [['--writes-register', 'a9'], /no register a9/],
  ])('refuses %j', async (words, says) => {
    const { status, stderr } = await cli('when', 'counting', ...words);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(says) });
  });
});

describe('gdb', () => {
  test.each([
    [['--listen', 'nowhere', 'counting'], 2, /"nowhere" is no place to listen at/],
    [['--listen', '127.0.0.1:99999', 'counting'], 2, /no place to listen at/],
    [['missing'], 125, /missing/],
    [['./missing'], 125, /cannot read .*missing/],
    [[guest('hello').replace('bin/hello', 'src/hello.c')], 125, /cannot run .*hello\.c/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('gdb', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });
});

describe('who-wrote', () => {
  test('names the last writer of memory, with the value before and after', async () => {
    const { stdout } = await cli('who-wrote', 'counting', address, '--before', '20');
    expect(stdout).toMatch(
      /^counting\/main\/19: write of 8 bytes at 0x[0-9a-f]+\nthread 100 at 0x10088: sd t0, 0\(s1\)\nbefore 0x3\nafter  0x4\n$/,
    );
    const [last] = await json('who-wrote', 'counting', address);
    expect(last).toMatchObject({ found: true, instant: 'counting/main/30', by: 'system', before: '0x5' });
  });

  test('names the last writer of a register', async () => {
    const [event] = await json('who-wrote', 'counting', 's0', '--before', 'counting/main/12');
    expect(event).toMatchObject({ icount: 10, before: '0x4', after: '0x3', instruction: 'addi s0, s0, -1' });
  });

  test('says that nothing wrote it', async () => {
    const { status, stderr } = await cli('who-wrote', 'counting', 's7');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/nothing wrote s7 before counting\/main\/\d+/),
    });
  });
});

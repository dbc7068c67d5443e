import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit } from '../../src/domain/virtual-machine/edit.ts';
import { type Isochron, openIsochron } from '../../src/library.ts';
import { copyingInput, writeGuest } from './assembled-guest.ts';
import { guest, isochron as runCommand } from './recording-terminal.ts';

/** Where two histories first differ, and what differs. */

let store = '';
let isochron: Isochron;
const cli = (...words: string[]) => runCommand({ store }, ...words);
const register = (name: string, value: string): Edit => ({
  kind: 'register',
  thread: 100,
  register: name,
  value,
});

async function record(record: string, program: string, stdin = '', seed = '0'): Promise<void> {
  const image = readFileSync(guest(program));
  await isochron.run({
    program: image,
    programPath: `/bin/${program}`,
    record,
    stdin: Buffer.from(stdin),
    seed,
  });
}

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-diff-'));
  isochron = await openIsochron({ directory: store, digestInterval: 2 ** 14, checkpointInterval: 2 ** 16 });
  await record('tally', 'tally', '3\n14\n15\n');
  await record('compute', 'compute');
  const input: Edit = { kind: 'stdin', offset: 2, bytes: '39' };
  await isochron.fork({ recording: 'tally', at: 0, edits: [input], branch: 'input' });
});
afterAll(async () => {
  await isochron.close();
  rmSync(store, { recursive: true, force: true });
});

describe('diff', () => {
  test('of one edited input byte names the instruction that read it, and the output that it changed', async () => {
    const result = await isochron.diff({ left: 'tally', right: 'tally/input' });
    expect(result.cause).toMatchObject({ kind: 'edits', recording: 'tally/input', icount: 0 });
    expect(result.first).toEqual({
      agreedAt: 17,
      differsAt: 18,
      instruction: { thread: 100, pc: '0x101b2', text: 'ecall', symbol: '_start+0x2a' },
      fields: [
        { field: 'memory 0x112b0', expected: '33 0a 31 34 0a 31 35 0a', found: '33 0a 39 34 0a 31 35 0a' },
      ],
      exact: true,
    });
    // 94, and not 14, is the largest yet: the branch in add() is not taken at 15.
    expect(result.parting).toMatchObject({
      exact: true,
      left: { pc: '0x10132', text: 'c.sd a1, 16(a0)' },
      right: { pc: '0x10134', text: 'c.jr ra' },
    });
    expect(result.output).toEqual([
      {
        to: 'stdout',
        left: ['3 numbers, sum 32, largest 15'],
        right: ['3 numbers, sum 112, largest 94'],
      },
    ]);
    expect(result.calls).toEqual({ left: 4, right: 4, same: 4, first: undefined });
  });

  test('lists registers and ranges of memory at an instant', async () => {
    const { state } = await isochron.diff({ left: 'tally', right: 'tally/input', at: 18 });
    expect(state).toEqual({
      icount: 18,
      registers: [],
      memory: [
        {
          process: 100,
          address: 0x112b2,
          length: 1,
          region: '/bin/tally',
          left: Uint8Array.of(0x31),
          right: Uint8Array.of(0x39),
        },
      ],
      bytes: 1,
      onlyLeft: [],
      onlyRight: [],
    });
    await expect(isochron.diff({ left: 'tally', right: 'tally/input', at: 401 })).rejects.toMatchObject({
      code: 'instant-out-of-range',
    });
  });

  test('finds the way to a difference that was made late and shows later', async () => {
    const at = 3_000_000;
    const { recording } = await isochron.fork({ recording: 'compute', at, edits: [register('x15', '0x1')] });
    const result = await isochron.diff({ left: 'compute', right: recording });
    expect(result.first).toMatchObject({ agreedAt: at - 1, differsAt: at, instruction: undefined });
    expect(result.first!.fields[0]).toMatchObject({
      field: 'thread 100 register x15',
      found: '0x0000000000000001',
    });
    const [left, right] = [
      await isochron.travel({ recording: 'compute' }),
      await isochron.travel({ recording }),
    ];
    const { icount } = result.parting ?? { icount: left.last };
    for (const session of [left, right]) await session.seek(icount - 1);
    expect(left.pc()).toBe(right.pc());
  });

  test('finds a difference that comes and goes', async () => {
    const program = readFileSync(writeGuest(join(store, 'copy'), copyingInput));
    const stdin = Buffer.from('Sixteen bytes at a time, and then sixteen and the end.\n');
    await isochron.run({ program, programPath: '/bin/copy', record: 'copy', stdin });
    // The register has this value; the byte is overwritten by what is read next.
    const edits: Edit[] = [register('x9', '0x0'), { kind: 'stdin', offset: 20, bytes: '58' }];
    const { recording } = await isochron.fork({ recording: 'copy', at: 0, edits });
    const { first, parting, output } = await isochron.diff({ left: 'copy', right: recording });
    expect(first).toMatchObject({ exact: true, instruction: { text: 'ecall' } });
    const sides = [await isochron.travel({ recording: 'copy' }), await isochron.travel({ recording })];
    const equal: boolean[] = [];
    do {
      const [left, right] = sides.map((session) => session.digest());
      equal.push(left === right);
    } while ((await Promise.all(sides.map((session) => session.step()))).every((moved) => moved === 1));
    expect(equal.indexOf(false)).toBe(first!.differsAt);
    expect(equal.slice(first!.differsAt)).toContain(true);
    expect(parting).toBeUndefined();
    expect(output).toHaveLength(1);
  });

  test('of a branch without edits finds nothing', async () => {
    const { recording } = await isochron.fork({ recording: 'compute', at: 1000, edits: [] });
    const result = await isochron.diff({ left: 'compute', right: recording });
    expect(result).toMatchObject({ first: undefined, parting: undefined, state: undefined, output: [] });
    expect((await cli('diff', 'compute', recording)).status).toBe(0);
  });

  test('of recordings of other inputs finds where they were told otherwise; of other setups, what is other', async () => {
    await record('other', 'tally', '3\n14\n16\n');
    const result = await isochron.diff({ left: 'tally', right: 'other' });
    expect(result.cause).toMatchObject({
      kind: 'reply',
      left: { call: 'readStdin' },
      right: { call: 'readStdin' },
    });
    expect(result.first).toMatchObject({ agreedAt: 17, instruction: { text: 'ecall' } });
    await record('seeded', 'tally', '3\n14\n15\n', '1');
    const seeded = await isochron.diff({ left: 'tally', right: 'seeded' });
    expect(seeded.cause).toEqual({
      kind: 'setup',
      fields: [{ field: 'seed', expected: '"0"', found: '"1"' }],
    });
    expect(seeded.first).toMatchObject({ agreedAt: -1, differsAt: 0, exact: true });
  });
});

describe('isochron diff', () => {
  test('prints all of it, and exits with 1', async () => {
    const { status, stdout } = await cli('diff', 'tally', 'tally/input');
    expect(status).toBe(1);
    for (const said of [
      /^cause: tally\/input was forked at instruction 0: standard input at 2 = 39\n/,
      /\nfirst difference at instruction 17: 0x101b2: ecall in _start\+0x2a \(thread 100\)\n/,
      /\nways part at instruction \d+\n {2}tally +0x10132: c\.sd a1, 16\(a0\) in add\+0x12/,
      /\nat instruction 400: \d+ registers, \d+ bytes of memory differ\n/,
      /\nstdout\n {2}- 3 numbers, sum 32, largest 15\n {2}\+ 3 numbers, sum 112, largest 94\n/,
      /\ntally +exited with 0 after 401 instructions\n/,
    ])
      expect(stdout).toMatch(said);
    const { stdout: json } = await cli('diff', 'tally', 'tally/input', '--at', 'tally/main/18', '--json');
    expect(JSON.parse(json)).toMatchObject({ first: { differsAt: 18 }, state: { bytes: 1 } });
    const same = await cli('diff', 'tally', 'tally/main');
    expect(same).toMatchObject({
      status: 0,
      stdout: 'tally and tally/main are the same: 401 instructions\n',
    });
  });

  test.each([
    [['tally', 'nothing'], 125, /no recording named nothing/],
    [['tally', 'tally/nothing'], 125, /no branch "nothing"/],
    [['tally/main/3', 'tally'], 2, /is an instant; give two recordings or branches/],
    [['tally'], 2, /diff needs B/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('diff', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeGuest } from './assembled-guest.ts';
import { guest, isochron } from './recording-terminal.ts';

/** The index of effects and what is asked of it, from the command line. */

/** Counts from 1 to 5 at 16 below the stack pointer, and asks for the time there. */
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
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-effects-'));
  const file = writeGuest(join(store, 'guest'), counting);
  expect((await cli('run', '--record', 'counting', file)).status).toBe(0);
  const [{ registers }] = (await json('seek', 'counting/main/1')) as [{ registers: Record<string, string> }];
  address = registers['x9']!;
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

describe('history', () => {
  const values = async () =>
    (await json('history', 'counting', `${address}:8`)).map(({ icount, value, by }) => [icount, value, by]);

  test('lists values in order, and the same ones with an index', async () => {
    const listed = await values();
    expect(listed.slice(0, 5)).toEqual(
      [4, 9, 14, 19, 24].map((icount, at) => [icount, `0x${at + 1}`, 'instruction']),
    );
    expect(listed[5]).toEqual([30, '0x0', 'system']);
    expect(listed).toHaveLength(6);
    expect((await cli('index', 'counting')).status).toBe(0);
    expect(await values()).toEqual(listed);
    await cli('recordings', 'list');
  });

  test('keeps to the instants that are given, and says where there is more', async () => {
    const { stdout, stderr } = await cli(
      'history',
      'counting',
      's0',
      '--from',
      '5',
      '--to',
      '99',
      '--limit',
      '2',
    );
    expect(stdout).toMatch(/^counting\/main\/5 +0x4 .*addi s0, s0, -1 +write of s0\n.*\/10 +0x3 .*\n$/);
    expect(stderr).toMatch(/there is more from counting\/main\/15 on/);
    expect(await json('history', 'counting', 's0', '--from', '5', '--to', '11')).toHaveLength(2);
    const none = await cli('history', 'counting', 's11');
    expect(none).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/nothing writes s11/),
    });
  });

  test('names what is no place', async () => {
    const { status, stderr } = await cli('history', 'counting', 'nowhere');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/nowhere is no register/),
    });
  });
});

describe('who-wrote', () => {
  const wrote = async (recording: string, what: string, before: number) => {
    const [found] = await json('who-wrote', recording, what, '--before', String(before));
    return [found!['icount'], found!['by'], found!['call']];
  };

  test.each(['without an index', 'with one'])('knows what the system writes, %s', async (indexed) => {
    if (indexed === 'with one') await cli('index', 'counting');
    expect(await wrote('counting', 'a0', 31)).toEqual([30, 'system', 'clock_gettime']);
    expect(await wrote('counting', `${address}:8`, 31)).toEqual([30, 'system', 'clock_gettime']);
    expect(await wrote('counting', 'a0', 30)).toEqual([27, 'instruction', undefined]);
    const { stdout } = await cli('who-wrote', 'counting', 'a0', '--before', '31');
    expect(stdout).toMatch(/^counting\/main\/30: write of a0 by the system: clock_gettime\n.*: ecall\n/);
  });

  test('knows the bytes and the count that read gives', async () => {
    writeFileSync(join(store, 'numbers'), '3\n14\n15\n');
    await cli('run', '--record', 'tally', '--stdin', join(store, 'numbers'), guest('tally'));
    const [read] = await json('when', 'tally', '--syscall', '--limit', '1');
    const at = read!['icount'] as number;
    const [{ registers }] = (await json('seek', `tally/main/${at}`)) as [
      { registers: Record<string, string> },
    ];
    expect(await wrote('tally', `${registers['x11']!}:1`, at + 1)).toEqual([at, 'system', 'read']);
    expect(await wrote('tally', 'a0', at + 1)).toEqual([at, 'system', 'read']);
  });

  test('knows a signal’s frame and the registers of its handler', async () => {
    await cli('run', '--record', 'signals', guest('signals'));
    const [signal] = await json('when', 'signals', '--signal', '--limit', '1');
    const at = signal!['icount'] as number;
    expect(await wrote('signals', 'a2', at + 1)).toEqual([at, 'system', 'SIGUSR1']);
    const [{ registers }] = (await json('seek', `signals/main/${at + 1}`)) as [
      { registers: Record<string, string> },
    ];
    expect(await wrote('signals', `${registers['x12']!}:8`, at + 1)).toEqual([at, 'system', 'SIGUSR1']);
  });

  test('knows what a fork changed, and origin ends there', async () => {
    expect(
      (await cli('fork', 'counting', '20', '--set', 's0=3', '--poke', `${address}=ff`, '--name', 'other'))
        .status,
    ).toBe(0);
    for (const what of ['s0', `${address}:8`])
      expect(await wrote('counting/other', what, 20)).toEqual([20, 'fork', undefined]);
    expect((await wrote('counting/other', 's0', 23))[1]).toBe('instruction');
    const listed = await json('history', 'counting/other', 's0', '--from', '18', '--to', '24');
    expect(listed.map(({ icount, by, value }) => [icount, by, value])).toEqual([
      [20, 'fork', '0x3'],
      [20, 'instruction', '0x2'],
    ]);
    const [step] = await json('origin', 'counting/other', 's0', '--before', '20');
    expect(step).toMatchObject({ icount: 20, by: 'fork', value: '0x3' });
  });

  test('says what has been there since before the start', async () => {
    const { status, stderr } = await cli('who-wrote', 'counting', 'sp');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /nothing wrote sp before .*: it has been 0x[0-9a-f]+ since before the recording’s start/,
      ),
    });
    expect((await cli('who-wrote', 'counting', '0x1000')).stderr).toMatch(/: it is not mapped there\n$/);
  });
});

describe('index', () => {
  test('says what it made, and makes nothing twice', async () => {
    await cli('index', 'counting', '--anew');
    const [again] = await json('index', 'counting');
    expect(again).toMatchObject({ recording: 'counting', icount: 34, indexed: 34, made: 0, chunks: 1 });
    const { stdout } = await cli('index', 'counting', '--anew');
    expect(stdout).toMatch(/^counting: 34 of 34 instructions indexed \(100 %\), 1 chunk of 1 made now\n/);
  });

  test('can be made by several processes', async () => {
    await cli('index', 'counting', '--anew');
    const [result] = await json('index', 'counting', '--anew', '--jobs', '2');
    expect(result).toMatchObject({ indexed: 34, made: 1, chunks: 1, damage: [] });
  });

  test.each([
    [['counting', '--jobs', '0'], 2, /0 is too few/],
    [['counting', '--part', '3/2'], 2, /"3\/2" is no part/],
    [['counting', '--part', '1/2', '--anew'], 2, /--part goes with neither/],
    [['absent'], 125, /there is no recording named absent/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('index', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });

  test('goes with its recording', async () => {
    const file = join(store, 'guest');
    await cli('run', '--record', 'short-lived', file);
    await cli('index', 'short-lived');
    await cli('recordings', 'delete', 'short-lived');
    await cli('run', '--record', 'short-lived', file);
    expect(await json('index', 'short-lived')).toMatchObject([{ made: 1 }]);
    expect((await cli('who-wrote', 'counting', `${address}:8`)).stderr).toBe('');
  });
});

describe('heat', () => {
  test('shows the pages that are used, and asks for an index where there is none', async () => {
    await cli('index', 'counting');
    const { stdout } = await cli('heat', 'counting', '--columns', '4');
    expect(stdout).toMatch(/^page +places +slices +instructions 0 to 33\n0x[0-9a-f]+000 +2 +1 +│█ {3}│\n$/);
    const [{ pages }] = (await json('heat', 'counting', '--by', 'executed')) as [{ pages: unknown }];
    expect(pages).toMatchObject([{ address: '0x10000', slices: 1, total: 14 }]);
    await cli('run', '--record', 'unindexed', join(store, 'guest'));
    const { status, stderr } = await cli('heat', 'unindexed');
    expect({ status, stderr }).toEqual({
      status: 125,
      stderr: 'isochron: unindexed has no index; make one with `isochron index unindexed`\n',
    });
  });
});

describe('export', () => {
  test('writes tables and traces, of the kinds and the range that are given', async () => {
    const files = ['writes.parquet', 'trace.json'].map((name) => join(store, name)) as [string, string];
    const range = ['--from', '4', '--to', 'counting/main/10', '--only', 'memory-writes,system-calls'];
    const [table] = await json('export', 'counting', files[0], ...range);
    expect(table).toMatchObject({ recording: 'counting', format: 'parquet', rows: 2 });
    expect((await cli('export', 'counting', files[1])).stdout).toMatch(/trace\.json: \d+ events, /);
    const { traceEvents } = JSON.parse(readFileSync(files[1], 'utf8')) as { traceEvents: { name: string }[] };
    expect(traceEvents.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['clock_gettime', 'exit', 'thread 100']),
    );
    const again = await cli('export', 'counting', files[1]);
    expect(again).toMatchObject({ status: 125, stderr: expect.stringMatching(/it exists already/) });
  });

  test.each([
    [['counting', 'x.csv'], 2, /what x\.csv is to be cannot be seen/],
    [['counting', 'x.parquet', '--only', 'memory-write'], 2, /did you mean memory-writes\?/],
    [['counting', 'x.json', '--only', 'signals'], 2, /--only and --memory are of effects/],
    [['counting', 'x.parquet', '--from', '99'], 125, /counting has instructions 0 to 34, not 99/],
    [['counting', 'x.parquet', '--from', 'other/main/1'], 125, /another recording than counting/],
    [['counting', 'nowhere/x.parquet'], 125, /no such file or directory/],
    [['absent', 'x.json'], 125, /there is no recording named absent/],
  ])('refuses %j', async (words, expected, says) => {
    const { status, stderr } = await cli('export', ...words);
    expect({ status, stderr }).toEqual({ status: expected, stderr: expect.stringMatching(says) });
  });
});

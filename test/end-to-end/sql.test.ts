import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Effect, openIsochron } from '../../src/library.ts';
import { guest, isochron } from './recording-terminal.ts';

/** SQL over a recording, against the effects that its tables are made of. */

let store = '';
const cli = (...words: string[]) => isochron({ store }, ...words);
const rows = async (...words: string[]) => {
  const { status, stdout, stderr } = await cli('sql', 'tally', ...words, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
};
let effects: readonly Effect[] = [];
const temporary = process.env['TMPDIR'];
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'isochron-sql-test-'));
  process.env['TMPDIR'] = mkdtempSync(join(store, 'temporary-'));
  const numbers = join(store, 'numbers');
  writeFileSync(numbers, '3\n14\n15\n');
  await cli('run', '--record', 'tally', '--stdin', numbers, guest('tally'));
  const library = await openIsochron({ directory: store });
  const found: Effect[] = [];
  for await (const some of library.effects({ recording: 'tally' })) found.push(...some);
  effects = found;
  await library.close();
});
afterAll(() => {
  expect(readdirSync(process.env['TMPDIR']!)).toEqual([]);
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  rmSync(store, { recursive: true, force: true });
});

const hex = (value: bigint | undefined) => `0x${value!.toString(16)}`;

describe('isochron sql', () => {
  test('counts, joins and filters what happened', async () => {
    const calls = effects.filter(({ kind }) => kind === 'system-call');
    expect(await rows('SELECT icount, name, arg0 FROM syscalls ORDER BY icount')).toEqual(
      calls.map(({ icount, call, arguments: given }) => ({ icount, name: call, arg0: hex(given![0]) })),
    );
    const inAdd = effects.filter(({ kind, symbol }) => kind === 'memory-write' && symbol?.startsWith('add'));
    expect(
      await rows(
        "SELECT icount, address, before, after FROM writes WHERE symbol LIKE 'add%' ORDER BY icount",
      ),
    ).toEqual(
      inAdd.map(({ icount, address, before, after }) => ({
        ...{ icount, address: hex(address), before: hex(before), after: hex(after) },
      })),
    );
    const [written] = await rows(
      "SELECT name, data FROM reads JOIN syscalls USING (icount) WHERE actor = 'system' AND name = 'write'",
    );
    expect(Buffer.from(written!['data'] as string, 'hex').toString()).toBe('3 numbers, sum 32, largest 15\n');
  });

  test('has all of its tables', async () => {
    await cli('index', 'tally');
    const counted = (kind: Effect['kind']) => effects.filter((effect) => effect.kind === kind).length;
    const tables = {
      instructions: counted('instruction'),
      register_reads: counted('register-read'),
      register_writes: counted('register-write'),
      reads: counted('memory-read'),
      signals: 0,
      switches: counted('thread-switch'),
      effects: effects.length,
    };
    const counts = Object.keys(tables).map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`);
    expect(await rows(`SELECT ${counts.join(', ')}`)).toEqual([tables]);
    expect(await rows("SELECT address FROM symbols WHERE name = 'add'")).toEqual([{ address: '0x10120' }]);
    const addresses = new Set(effects.flatMap(({ kind, pc }) => (kind === 'instruction' ? [pc] : [])));
    expect(await rows("SELECT count(*) AS n FROM slices WHERE use = 'execute'")).toEqual([
      { n: addresses.size },
    ]);
  });

  test('keeps to a range and an address, and shows a table', async () => {
    const range = ['--from', '50', '--to', 'tally/main/54', '--memory', '0xfffdfe30'];
    const { stdout } = await cli(
      'sql',
      'tally',
      'SELECT icount, register_x, after FROM (SELECT icount, address AS register_x, after FROM writes)',
      ...range,
    );
    expect(stdout).toMatch(/^icount +register_x +after\n51 +0xfffdfe30 +0x3\n53 +0xfffdfe38 +0x3\n$/);
    const limited = await cli('sql', 'tally', 'SELECT icount FROM instructions', '--limit', '2');
    expect(limited.stdout).toBe('icount\n0\n1\n');
    expect(limited.stderr).toMatch(/more than 2 rows/);
  });

  test.each([
    ['SELEC 1', /syntax error at or near "SELEC"/],
    ['SELECT 1; SELECT 2', /2 queries are given; give one/],
    ['SELECT * FROM nothing', /Table with name nothing does not exist.*the tables are effects, instructions/],
    ['SELECT nothing FROM syscalls', /"nothing" not found/],
    ['SELECT name::INTEGER FROM syscalls', /Could not convert string/],
  ])('refuses %j', async (query, says) => {
    const { status, stderr } = await cli('sql', 'tally', query);
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringMatching(says) });
  });
});

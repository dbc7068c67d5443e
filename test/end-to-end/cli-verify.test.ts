import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest, isochron } from './recording-terminal.ts';

describe('isochron verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-'));
  const surroundings = { store: join(folder, 'store') };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('says what held, and writes reports that say it too', async () => {
    const [junit, html] = [join(folder, 'report.xml'), join(folder, 'report.html')];
    const { status, stdout } = await isochron(
      surroundings,
      'verify',
      'add',
      '--cases',
      '50',
      '--junit',
      junit,
      '--html',
      html,
    );
    expect(stdout).toMatch(/^holds: .*1 instruction, 50 cases/m);
    expect(status).toBe(0);
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuites?[^>]*failures="0"/);
    expect(readFileSync(html, 'utf8')).toContain('</html>');
  });

  test('in several processes finds what one finds', async () => {
    const words = ['verify', 'zbs', '--cases', '64', '--json'];
    const outcome = async (...more: string[]) => {
      const { stdout, stderr } = await isochron(surroundings, ...words, ...more);
      expect(stderr).toBe('');
      return JSON.parse(stdout) as unknown;
    };
    expect(await outcome('--jobs', '2')).toEqual(await outcome('--shards', '2'));
  });

  test('takes the blocks of a program, or of its recording, for the subject', async () => {
    const asked = ['--argument', '10', '--cases', '8'];
    const verified = await isochron(surroundings, 'verify', '--program', guest('compute'), ...asked);
    expect(verified.stdout).toMatch(/^holds: .*: 12 blocks, 96 cases/m);
    await isochron(surroundings, 'run', '--record', 'computed', guest('compute'), '10');
    const again = await isochron(surroundings, 'verify', '--recording', 'computed', '--cases', '8', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      cases: 96,
      setup: { subjects: ['recording computed'] },
    });
  });

  test('records a case as a program that begins in its state, and replays', async () => {
    const line = '[03 b5 85 00] "ld a0, 8(a1)" a1=0x2000 fa0=0x3ff0000000000000 [0x2008]=0a0b => a0=0xb0a';
    const saved = await isochron(surroundings, 'verify', '--case', line, '--save', 'case');
    expect(saved.stdout).toContain('recorded as case');
    expect(saved.status).toBe(0);
    expect((await isochron(surroundings, 'replay', 'case')).status).toBe(0);
    const compared = await isochron(surroundings, 'compare', 'case', '--every', '500');
    expect(compared.stdout).toMatch(/^golden and wasm agree on .*: 4 comparisons/);
    const events = await isochron(surroundings, 'inspect', 'case', '--at', '60', '--registers', '--json');
    expect(events.stdout).toContain('b0a');
  });

  test.each([
    [['add', '--jobs', '0'], 2, '--jobs: 0 is too few'],
    [['add', '--jobs', '2', '--part', '1/2'], 2, 'exclude each other'],
    [['add', '--cases', '0'], 2, '--cases: 0 is too few'],
    [['add', '--program', 'nosuch'], 125, 'cannot read'],
    [['--argument', 'word'], 2, 'are for a program'],
    [['--recording', 'one', '--jobs', '2'], 2, 'needs a campaign'],
    [['add', '--block', '0'], 2, '--block: 0 is too few'],
    [['add', '--part', '3/2'], 2, 'is no part'],
    [['nosuch'], 125, 'named "nosuch"'],
  ])('refuses %j', async (words, expected, message) => {
    const { status, stderr } = await isochron(surroundings, 'verify', ...words);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
  });
});

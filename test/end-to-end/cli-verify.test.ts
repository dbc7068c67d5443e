import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isochron } from './recording-terminal.ts';

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

  test.each([
    [['add', '--cases', '0'], 2, '--cases: 0 is too few'],
    [['add', '--block', '0'], 2, '--block: 0 is too few'],
    [['add', '--part', '3/2'], 2, 'is no part'],
    [['nosuch'], 125, 'named "nosuch"'],
  ])('refuses %j', async (words, expected, message) => {
    const { status, stderr } = await isochron(surroundings, 'verify', ...words);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
  });
});

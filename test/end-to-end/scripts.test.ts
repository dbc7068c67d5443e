import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const folder = new URL('../../scripts/', import.meta.url);
const scripts = readdirSync(folder).filter(
  (name) =>
    name.endsWith('.ts') && readFileSync(new URL(name, folder), 'utf8').includes('scriptOptions(import.meta'),
);
const run = (script: string, option: string) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [new URL(script, folder).pathname, option], {
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
};

describe.each(scripts)('%s', (script) => {
  test('says how it is used', () => {
    const { stdout, status } = run(script, '--help');
    expect(stdout).toContain('npm run ');
    expect(stdout).not.toContain('*');
    expect(status).toBe(0);
  });

  test('refuses an option that it does not have in one line', () => {
    const { stderr, stdout, status } = run(script, '--nonsense');
    expect(stderr).toMatch(/^[a-z-]+: .*--nonsense.*; --help tells the options\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

test('there are scripts with options', () => {
  expect(scripts.length).toBeGreaterThan(8);
});

import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegionFiles } from './region-files.ts';

describe('the files of regions', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'isochron-regions-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  let directories = 0;
  const parent = () => join(scratch, String(directories++));
  const content = new Uint8Array(100);
  const named = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => [`region-${from + index}`, content] as const);
  /** Makes a file seem last used so many days ago. */
  const age = (path: string, days: number) => {
    const then = new Date(Date.now() - days * 86_400_000);
    utimesSync(path, then, then);
  };

  test('give back what was written', () => {
    const files = new RegionFiles(parent(), 'me');
    expect(files.names()).toEqual([]);
    files.write([['one', Uint8Array.of(1, 2, 3)]]);
    expect(files.names()).toEqual(['one']);
    expect([...files.read('one')!]).toEqual([1, 2, 3]);
    expect(files.read('two')).toBeUndefined();
  });

  test.each([
    ['files', { files: 8, bytes: 1e6 }],
    ['bytes', { files: 1000, bytes: 800 }],
  ])('are bounded by %s: what was not used for longest goes', (_, capacity) => {
    const directory = parent();
    const files = new RegionFiles(directory, 'me', capacity);
    files.write(named(0, 8));
    for (let number = 0; number < 8; number++)
      age(join(directory, 'regions-me', `region-${number}`), 9 - number);
    // Reading is using.
    files.read('region-0');
    files.write(named(8, 9));
    const left = files.names();
    expect(left).toHaveLength(6);
    for (const name of ['region-0', 'region-7', 'region-8']) expect(left).toContain(name);
    expect(left).not.toContain('region-1');
  });

  test('are never more than the bound after one process has written', () => {
    const files = new RegionFiles(parent(), 'me', { files: 8, bytes: 1e6 });
    files.write(named(0, 50));
    expect(files.names().length).toBeLessThanOrEqual(8);
  });

  test('leave two other programs’ files alone, the latest, and no unfinished ones', () => {
    const directory = parent();
    for (const [days, name] of ['a', 'b', 'c', 'd'].entries()) {
      new RegionFiles(directory, name).write(named(0, 1));
      age(join(directory, `regions-${name}`), days);
    }
    const stale = join(directory, 'regions-me', 'region-7.12-34.new');
    mkdirSync(join(directory, 'regions-me'), { mode: 0o700 });
    writeFileSync(stale, content);
    age(stale, 2);
    writeFileSync(join(directory, 'forms-of-others'), content);
    new RegionFiles(directory, 'me').write(named(0, 1));
    expect(readdirSync(directory)).toEqual(['forms-of-others', 'regions-a', 'regions-b', 'regions-me']);
    expect(readdirSync(join(directory, 'regions-me'))).toEqual(['region-0']);
  });

  test('are for their user only', () => {
    const directory = parent();
    new RegionFiles(directory, 'me').write(named(0, 1));
    expect(statSync(join(directory, 'regions-me')).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'regions-me', 'region-0')).mode & 0o777).toBe(0o600);
  });

  test('are none where there is no place for them', () => {
    mkdirSync(scratch, { recursive: true });
    const file = join(scratch, 'a-file');
    writeFileSync(file, '');
    const files = new RegionFiles(file, 'me');
    files.write(named(0, 1));
    expect(files.names()).toEqual([]);
  });
});

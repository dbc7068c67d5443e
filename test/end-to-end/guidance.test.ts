import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest, isochron } from './recording-terminal.ts';

/** Profiles, models and the runs that they guide, by the command line. */
describe('guidance', () => {
  let store = '';
  let model = '';
  const run = (...words: string[]) => isochron({ store }, ...words);
  const resultOf = async (...words: string[]) => {
    const { status, stdout, stderr } = await run(...words);
    return { status, stderr, result: JSON.parse(stdout) as Record<string, unknown> };
  };
  beforeAll(async () => {
    store = mkdtempSync(join(tmpdir(), 'isochron-guidance-'));
    model = join(store, 'model.json');
    for (const name of ['compute', 'floating', 'threads'])
      expect((await run('run', '--record', name, guest(name))).status).toBe(0);
  });
  afterAll(() => rmSync(store, { recursive: true, force: true }));

  test('a profile is asked for before there is one', async () => {
    const { status, stderr } = await run('run', '--guidance', 'profile', guest('compute'));
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/no profile in this store: record a run of it/);
    expect((await run('profile', 'list')).stdout).toContain('no profiles');
    expect((await run('profile', 'train')).stderr).toContain('0 samples');
  });

  test('building one counts the hot blocks of a recording, the same each time', async () => {
    const first = await resultOf('profile', 'build', 'compute', '--json');
    expect(first.result).toMatchObject({ recording: 'compute', complete: true });
    expect(first.result['blocks']).toBeGreaterThan(0);
    expect((await resultOf('profile', 'build', 'compute', '--json')).result).toEqual(first.result);
    for (const name of ['floating', 'threads']) expect((await run('profile', 'build', name)).status).toBe(0);
    expect((await run('profile', 'list')).stdout.trim().split('\n')).toHaveLength(4);
    const blocks = JSON.parse((await run('profile', 'show', 'compute', '--json')).stdout) as {
      readonly entries: number;
    }[];
    expect(blocks[0]!.entries).toBeGreaterThanOrEqual(1024);
  });

  test('whatever guides it, a run does the same', async () => {
    const plain = await resultOf('run', '--json', guest('compute'));
    for (const guidance of ['counter', 'adaptive', 'profile', 'learned']) {
      const guided = await resultOf('run', '--json', '--guidance', guidance, guest('compute'));
      for (const field of ['icount', 'digest', 'status'])
        expect(guided.result[field]).toEqual(plain.result[field]);
    }
  });

  test('a trained model is plain coefficients, the same each time, and can be used', async () => {
    expect((await run('profile', 'train', '--out', model)).status).toBe(0);
    const text = readFileSync(model, 'utf8');
    await run('profile', 'train', '--out', model);
    expect(readFileSync(model, 'utf8')).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ kind: 'isochron promotion model', programs: 3 });
    const guided = await run('run', '--guidance', 'learned', '--model', model, guest('compute'));
    expect(guided.status).toBe(0);
  });

  test('a file that is no model is named, with what is wrong', async () => {
    const broken = join(store, 'broken.json');
    for (const [content, why] of [
      ['{', 'JSON'],
      ['{}', 'it is no promotion model'],
    ] as const) {
      writeFileSync(broken, content);
      const { status, stderr } = await run(
        'run',
        '--guidance',
        'learned',
        '--model',
        broken,
        guest('compute'),
      );
      expect(status).not.toBe(0);
      expect(stderr).toContain(broken);
      expect(stderr).toContain(why);
    }
  });

  test('profiles survive the recordings, and can be forgotten', async () => {
    expect((await run('recordings', 'delete', 'floating')).status).toBe(0);
    const [program] = (await run('profile', 'list')).stdout.trim().split('\n').slice(1);
    expect((await run('profile', 'forget', program!.split(' ')[0]!)).stdout).toContain('forgot');
    expect((await run('profile', 'list')).stdout.trim().split('\n')).toHaveLength(3);
    expect((await run('profile', 'forget', 'nothing')).stderr).toContain('names neither');
  });
});

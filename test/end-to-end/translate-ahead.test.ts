import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TranslateResult } from '../../src/application/guidance/guidance.ts';
import type { RunResult } from '../../src/application/isochron.ts';
import { threadTranslator } from '../../src/infrastructure/engine/wasm/ahead/thread-translator.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'test/guests/bin/compute');

/** `isochron translate` in processes of its own, for V8's machine code is a process's. */
describe('translating ahead', () => {
  const store = mkdtempSync(join(tmpdir(), 'isochron-ahead-'));
  const cache = join(store, 'cache');
  afterAll(() => rmSync(store, { recursive: true, force: true }));
  const isochron = (words: readonly string[], ISOCHRON_CACHE = cache) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'bin/isochron.js'), ...words],
      { encoding: 'utf8', env: { ...process.env, ISOCHRON_HOME: store, ISOCHRON_CACHE } },
    );
    return { status, stdout, stderr };
  };
  const resultOf = <T>(...words: string[]): T => JSON.parse(isochron([...words, '--json']).stdout) as T;
  const run = (kept = cache): RunResult =>
    JSON.parse(isochron(['run', '--json', program], kept).stdout) as RunResult;

  test('asks for a profile, and says how to make one', () => {
    const { status, stderr } = isochron(['translate', program]);
    expect(status).toBe(125);
    expect(stderr).toContain(
      'no profile in this store: record a run of it, and make one with isochron profile',
    );
  });

  describe('with a profile', () => {
    beforeAll(() => {
      expect(isochron(['run', '--record', 'first', program], '').status).toBe(0);
      expect(isochron(['profile', 'build', 'first']).status).toBe(0);
    });

    test('asks for a place to keep code', () => {
      const { status, stderr } = isochron(['translate', program], '');
      expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining('ISOCHRON_CACHE') });
    });

    test('keeps optimised regions, which a run begins with, and which change nothing that it does', () => {
      const made = resultOf<TranslateResult>('translate', '--jobs', '2', '--entries', '1024', program);
      expect(made).toMatchObject({ known: 0, without: 0, complete: true });
      expect(made.translated).toBeGreaterThan(0);
      expect([made.optimised, made.blocks]).toEqual([made.translated, made.translated]);
      const again = resultOf<TranslateResult>('translate', '--entries', '1024', program);
      expect(again).toEqual({ ...made, translated: 0, optimised: 0, known: made.blocks });
      const [plain, warm] = [run(''), run()];
      expect(plain.statistics.restored.regions).toBe(0);
      expect(warm.statistics.restored.optimised).toBeGreaterThan(0);
      for (const field of ['icount', 'digest', 'status'] as const) expect(warm[field]).toEqual(plain[field]);
    });

    test('leaves out what the profile calls lukewarm', () => {
      const made = resultOf<TranslateResult>('translate', '--entries', '1G', program);
      expect(made).toMatchObject({ blocks: 0, translated: 0, known: 0, complete: true });
    });
  });

  test('keeps what was done when it is stopped', async () => {
    const directory = join(store, 'stopped');
    const translator = threadTranslator({ directory, identity: 'of this test' }, 1);
    const setup = {
      program: readFileSync(program),
      programPath: '/bin/compute',
      arguments: [],
      environment: {},
      workingDirectory: '/',
      mounts: [],
      seed: '0',
      epoch: '0',
      memorySize: 2 ** 32,
    };
    const entry = new DataView(setup.program.buffer, setup.program.byteOffset).getUint32(24, true);
    const addresses = [entry, entry + 4, entry + 8, 0x10];
    const stop = new AbortController();
    const stopped = await translator.translate({
      ...{ setup, addresses, jobs: 1, signal: stop.signal },
      onProgress: () => stop.abort(),
    });
    expect(stopped).toEqual({ translated: 1, optimised: 1, known: 0, without: 0 });
    expect(readdirSync(join(directory, 'regions-of this test'))).toHaveLength(1);
    const rest = await translator.translate({ setup, addresses, jobs: 2 });
    expect(rest).toEqual({ translated: 2, optimised: 2, known: 1, without: 1 });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunResult } from '../../src/application/isochron.ts';

/** What bin/isochron.js starts: the bundle that scripts/bundle.ts makes, or the sources. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const hello = join(root, 'test/guests/bin/hello');

describe('the bundle', () => {
  // Inside the package, where its dependencies and its guests are found.
  const folder = join(root, 'dist', `bundle-for-tests-${process.pid}`);
  const store = mkdtempSync(join(tmpdir(), 'isochron-bundle-'));
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'scripts/bundle.ts'), folder]);
  });
  afterAll(() => {
    for (const made of [folder, store]) rmSync(made, { recursive: true, force: true });
  });
  const isochron = (...words: string[]) => isochronWith('cache', ...words);
  const isochronWith = (cache: string, ...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'main.cjs'), ...words], {
      encoding: 'utf8',
      env: { ...process.env, ISOCHRON_HOME: store, ISOCHRON_CACHE: join(store, cache) },
    });
    return { status, stdout, stderr };
  };

  test('knows the version of its package', () => {
    expect(isochron('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^isochron \d/) });
  });

  test('records in its store thread, and replays', () => {
    const ran = { status: 0, stdout: 'hello, world\n', stderr: '' };
    expect(isochron('run', '--record', 'first', hello)).toEqual(ran);
    expect(isochron('replay', 'first', '--verify', '--quiet')).toMatchObject({ status: 0 });
    expect(isochron('demo')).toMatchObject({ status: 0, stderr: '' });
  });

  test.each(['compute', 'floating', 'memory', 'threads'])(
    'runs the program %s as the sources do',
    (guest) => {
      const program = join(root, 'test/guests/bin', guest);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(root, 'src/interfaces/cli/main.ts'), 'run', program],
        { encoding: 'utf8' },
      );
      expect(isochron('run', program)).toEqual({ status, stdout, stderr });
    },
  );

  test('keeps what it learned of encodings, and runs the same with it', () => {
    const [first, second] = [0, 1].map(() => {
      const cache = readdirSync(join(store, 'cache'));
      const { stderr, status } = isochron('run', '--stats', join(root, 'test/guests/bin/processes'));
      const row = (name: string) => new RegExp(`^${name} +(.*)`, 'm').exec(stderr)?.[1];
      return {
        cache,
        status,
        digest: row('digest'),
        instructions: row('instructions'),
        known: row('of register maps'),
      };
    });
    expect(second).toMatchObject({
      status: first!.status,
      digest: first!.digest,
      instructions: first!.instructions,
    });
    expect(second!.cache).toContainEqual(expect.stringMatching(/^forms-riscv64-[0-9a-f]{16}$/));
    expect(second!.known).toMatch(/^(100|9\d)/);
  });

  test('begins with the regions of the run before, and runs the same with them', () => {
    const [first, second] = [0, 1].map(() => {
      const { stdout } = isochronWith('regions', 'run', '--json', join(root, 'test/guests/bin/compute'));
      const { icount, digest, statistics } = JSON.parse(stdout) as RunResult;
      const { tiers, restored } = statistics;
      return { same: { icount, digest }, translated: tiers.region.translations, restored: restored.regions };
    });
    expect(first!.translated).toBeGreaterThan(0);
    expect(second).toEqual({ same: first!.same, translated: 0, restored: expect.anything() });
    expect(second!.restored).toBeGreaterThan(0);
  });

  test('loads no network, store, stream, hash or thread code for a run that needs none', () => {
    const list = join(store, 'loaded.json');
    // What the preload imported would be loaded.
    const preload = `data:text/javascript,const { writeFileSync } = process.getBuiltinModule('fs');
      process.on('exit', () => writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`;
    execFileSync(process.execPath, ['--import', preload, join(folder, 'main.cjs'), 'run', hello]);
    const loaded = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
    expect(loaded).toContain('NativeModule fs');
    for (const module of ['net', 'stream', 'child_process', 'sqlite', 'worker_threads', 'crypto'])
      expect(loaded).not.toContain(`NativeModule ${module}`);
  });

  test('has the code that V8 made of it, and works without', () => {
    const main = join(folder, 'main.cjs');
    const script = pathToFileURL(join(root, 'bin/script.js')).href;
    const program = `
      const { Scripts } = await import(${JSON.stringify(script)});
      const scripts = new Scripts(${JSON.stringify(folder)});
      process.stdout.write(scripts.compile('main.cjs') + ' ');
      scripts.run('main.cjs');`;
    const started = (...flags: string[]) =>
      execFileSync(
        process.execPath,
        [...flags, '--input-type=module', '-e', program, 'isochron', '--version'],
        { encoding: 'utf8' },
      );
    expect(started()).toMatch(/^true isochron \d/);
    // V8 makes other code with other flags.
    expect(started('--no-opt')).toMatch(/^false isochron \d/);
    writeFileSync(`${main}.code-cache`, 'not code');
    expect(started()).toMatch(/^false isochron \d/);
  });
});

describe('bin/isochron.js', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-launcher-'));
  const put = (path: string, content: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const startedIn = (env: NodeJS.ProcessEnv, ...words: readonly string[]) =>
    execFileSync(process.execPath, [join(folder, 'bin/isochron.js'), ...words], {
      encoding: 'utf8',
      stdio: 'pipe',
      env,
    });
  const started = (...words: readonly string[]) => startedIn(process.env, ...words);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('starts the bundle of a package without sources, and of unchanged sources; else the sources', () => {
    put('package.json', '{"type":"module"}');
    put('dist/bundle/main.cjs', 'process.stdout.write("bundle")');
    for (const file of ['bin/isochron.js', 'bin/script.js', 'bin/package.json'])
      copyFileSync(join(root, file), put(file, ''));
    expect(started()).toBe('bundle');
    const source = put('src/interfaces/cli/main.ts', 'process.stdout.write("sources")');
    expect(started()).toBe('sources');
    put(
      'dist/bundle/inputs.json',
      JSON.stringify({
        core: [['src/interfaces/cli/main.ts', statSync(source).mtimeMs]],
        recording: [['src/interfaces/cli/main.ts', 1]],
        others: [],
      }),
    );
    // What only runs looks at the sources of that, whatever options of the guest's there are.
    expect(started('run', 'guest', '--verbose')).toBe('bundle');
    for (const words of [[], ['replay', 'it'], ['run', '--record', 'it', 'guest'], ['run', '-rit', 'guest']])
      expect(started(...words)).toBe('sources');
    put(
      'dist/bundle/inputs.json',
      JSON.stringify({
        core: [['src/interfaces/cli/main.ts', statSync(source).mtimeMs]],
        recording: [],
        others: [],
      }),
    );
    expect(started()).toBe('bundle');
    const environment = { ...process.env, ISOCHRON_SOURCES: '1' };
    expect(startedIn(environment)).toBe('sources');
    utimesSync(source, 1, 1);
    expect(started()).toBe('sources');
    rmSync(source);
    put('src/interfaces/cli/main.js', '');
    expect(() => started()).toThrow(/Cannot find module/);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A program that nobody here wrote: esbuild's riscv64 binary, a static Go program with threads, futexes, signals and
 * epoll. Both binaries come from the registry by `npm pack`, once, into the cache folder of node_modules.
 */
const version = '0.28.2';
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'isochron-esbuild', version);
const cli = join(root, 'bin', 'isochron.js');

/** The path of esbuild for a platform, fetched when it is not cached; or why there is none. */
function fetchEsbuild(platform: string): { readonly path: string } | { readonly absent: string } {
  const folder = join(cache, platform);
  const path = join(folder, 'package', 'bin', 'esbuild');
  if (existsSync(path)) return { path };
  mkdirSync(folder, { recursive: true });
  const spec = `@esbuild/${platform}@${version}`;
  const packed = spawnSync('npm', ['pack', spec, '--silent', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  if (packed.status !== 0)
    return { absent: `npm pack ${spec} failed: ${packed.stderr.trim().slice(0, 200)}` };
  execFileSync('tar', ['xzf', join(folder, packed.stdout.trim()), '-C', folder]);
  return { path };
}

const guest = fetchEsbuild('linux-riscv64');
const native = fetchEsbuild(`${process.platform}-${process.arch}`);

describe('esbuild for riscv64', () => {
  if ('absent' in guest || 'absent' in native) {
    const absent = [guest, native].map((each) => ('absent' in each ? each.absent : '')).join(' ');
    test('can be fetched where it must be', () => {
      console.log(`skipped: esbuild for riscv64, because ${absent}`);
      expect(process.env['CI']).toBeUndefined();
    });
    return;
  }
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'isochron-esbuild-'));
    copyFileSync(
      join(root, 'node_modules', 'rxjs', 'dist', 'bundles', 'rxjs.umd.js'),
      join(folder, 'input.js'),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const isochron = (...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { ...process.env, ISOCHRON_HOME: join(folder, 'store') },
    });
    return { stdout, stderr, status };
  };

  test('prints its version', () => {
    expect(isochron('run', guest.path, '--version')).toEqual({
      stdout: `${version}\n`,
      stderr: '',
      status: 0,
    });
  });

  test('minifies a real library with the same output as the native esbuild, and the recording replays', () => {
    const expected = execFileSync(native.path, ['--minify', join(folder, 'input.js')], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect(expected.length).toBeGreaterThan(10_000);
    const recorded = isochron(
      'run',
      '--record',
      'minify',
      '--mount',
      `${folder}:/data:ro`,
      guest.path,
      '--minify',
      '/data/input.js',
    );
    expect(recorded.stderr).toBe('');
    expect(recorded.stdout).toBe(expected);
    expect(recorded.status).toBe(0);
    rmSync(join(folder, 'input.js'));
    const replayed = isochron('replay', 'minify', '--verify');
    expect(replayed.stdout).toContain(expected);
    expect(replayed.status).toBe(0);
  });

  test('gives the same event log in two runs with the same seed', () => {
    const logOf = (name: string) => {
      expect(isochron('run', '--record', name, '--seed', 'twice', guest.path, '--version').status).toBe(0);
      const lines = isochron('events', name, '--json').stdout.trim().split('\n');
      return lines.map((line) => {
        const { type, version: schema, revision, data } = JSON.parse(line) as Record<string, unknown>;
        return { type, schema, revision, data };
      });
    };
    const first = logOf('first');
    expect(first.length).toBeGreaterThan(2);
    expect(logOf('second')).toEqual(first);
  });

  test('was really fetched as a RISC-V program', () => {
    expect(readFileSync(guest.path).readUInt16LE(18)).toBe(243);
  });
});

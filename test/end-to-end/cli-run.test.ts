import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guest, isochron } from './recording-terminal.ts';

/** `isochron run`: what guests see, what is passed through, and how a run can be stopped. */

let store = '';
beforeAll(() => {
  store = mkdtempSync(join(tmpdir(), 'isochron-cli-run-'));
});
afterAll(() => rmSync(store, { recursive: true, force: true }));
const run = (...words: string[]) => isochron({ store }, 'run', ...words);

describe('isochron run', () => {
  test('passes arguments and the exit code through', async () => {
    expect(await run(guest('hello'), 'one', '--two', '--', 'three')).toEqual({
      status: 4,
      stdout: 'hello, world\nargument 1: one\nargument 2: --two\nargument 3: --\nargument 4: three\n',
      stderr: '',
    });
  });

  test('shows the guest no variable of the host but those it is given', async () => {
    const environment = { SECRET: 'host', SHARED: 'yes' };
    const { stdout } = await isochron(
      { store, environment },
      'run',
      '-e',
      'A=1',
      '--env',
      'SHARED',
      guest('hello'),
    );
    expect(stdout).toBe('hello, world\nenvironment: A=1\nenvironment: SHARED=yes\n');
  });

  test('shows the guest no file of the host', async () => {
    const { status, stdout } = await run(guest('files'), store);
    expect(stdout).toContain('No such file or directory');
    expect(status).toBe(1);
  });

  test('lets a guest work in a mounted directory, and not in a read-only one', async () => {
    const directory = join(store, 'mounted');
    mkdirSync(directory);
    const writable = await run('--mount', `${directory}:/data`, guest('files'), '/data');
    expect(writable.stdout).toContain('cleaned up');
    const readOnly = await run('--mount', `${directory}:/data:ro`, guest('files'), '/data');
    expect(readOnly).toMatchObject({ status: 1, stdout: 'mkdir("work", 0755): Read-only file system\n' });
  });

  test('does not let a link in a mount lead out of it', async () => {
    const directory = join(store, 'trap');
    mkdirSync(directory);
    writeFileSync(join(store, 'outside'), 'secret');
    symlinkSync('..', join(directory, 'up'));
    symlinkSync(store, join(directory, 'absolute'));
    for (const path of ['/data/up', '/data/absolute']) {
      const { status, stdout } = await run(
        '--mount',
        `${directory}:/data`,
        '--cwd',
        '/',
        guest('files'),
        path,
      );
      // `up` is the guest's own root, where the guest may write; `absolute` is a path that the guest does not have.
      expect(stdout).not.toContain('secret');
      expect(readFileSync(join(store, 'outside'), 'utf8')).toBe('secret');
      expect(status === 0).toBe(path === '/data/up');
    }
  });

  test('reports a guest killed by a signal as 128 + its number', async () => {
    const { status, stderr } = await run(guest('signals'));
    expect(status).toBe(134);
    expect(stderr).toContain('SIGABRT');
  });

  test('stops at exactly the instruction that --max-instructions names', async () => {
    const { status, stdout, stderr } = await run('--max-instructions', '1000', '--json', guest('hello'));
    expect(status).toBe(124);
    expect(JSON.parse(stdout)).toMatchObject({
      icount: 1000,
      status: { kind: 'stopped', reason: 'instruction-limit' },
    });
    expect(stderr).toContain('at instruction 1,000');
  });

  test('gives its result as one line of JSON, and the guest’s output on standard error', async () => {
    const { status, stdout, stderr } = await run('--json', guest('hello'), 'x');
    expect(status).toBe(1);
    expect(stderr).toBe('hello, world\nargument 1: x\n');
    expect(stdout.trim().split('\n').length).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'wasm',
      status: { kind: 'exited', code: 1 },
      hostRequests: 1,
    });
  });

  test('gives the same result on both engines', async () => {
    const on = async (engine: string) => {
      const { stdout } = await run('--engine', engine, '--json', guest('hello-musl'));
      const { icount, digest, status } = JSON.parse(stdout) as Record<string, unknown>;
      return { icount, digest, status };
    };
    expect(await on('golden')).toEqual(await on('wasm'));
  });

  test('says what was executed with --stats', async () => {
    const { stderr } = await run('--stats', guest('hello'));
    for (const word of ['engine', 'instructions', 'translated', 'digest']) expect(stderr).toContain(word);
  });

  test('names a system call that is not implemented', async () => {
    const { stderr } = await run(guest('system'));
    expect(stderr).toContain('not implemented, answered ENOSYS: system call 5000 (1×)');
  });

  test('stops cleanly when interrupted, and keeps the recording', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const surroundings = { store, interruption: controller.signal };
    const { status } = await isochron(
      surroundings,
      'run',
      '--record',
      'stopped',
      guest('compute'),
      '999999999999',
    );
    expect(status).toBe(130);
    const replayed = await isochron({ store }, 'replay', 'stopped', '--json');
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      complete: true,
      end: { kind: 'stopped', reason: 'interrupted' },
    });
    expect(replayed.status).toBe(0);
  });

  test.each([
    [['--mount', 'nowhere', guest('hello')], '--mount'],
    [['--max-instructions', '-3', guest('hello')], '--max-instructions'],
    [['--memory', '3x', guest('hello')], '--memory'],
    [['--clock', 'soon', guest('hello')], '--clock'],
    [['--recrod', 'x', guest('hello')], '--record'],
    [[], 'PROGRAM'],
  ])('refuses %j as a wrong command line', async (words, named) => {
    const { status, stdout, stderr } = await run(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^isochron: /);
    expect(stderr).toContain(named);
  });

  test.each([
    ['an engine that does not exist', ['--engine', 'abacus', guest('hello')], 'abacus'],
    ['no such program', ['/no/such/program'], '/no/such/program'],
    ['no program at all', [join(tmpdir(), '..', 'etc', 'passwd')], 'passwd'],
    ['a mount that is not there', ['--mount', '/no/such/dir:/x', guest('hello')], '/no/such/dir'],
  ])('fails clearly for %s', async (_, words, named) => {
    const { status, stderr } = await run(...words);
    expect(status).toBe(125);
    expect(stderr).toContain(named);
    expect(stderr.trim().split('\n').length).toBe(1);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMountedHost } from '../../../src/infrastructure/host/mounted-host-system.ts';
import { CallBench } from './call-bench.ts';

let base: string;
let data: string;
let bench: CallBench;

const create = 0o100 | 2;

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'isochron-mount-')));
  data = path.join(base, 'data');
  mkdirSync(path.join(data, 'sub'), { recursive: true });
  mkdirSync(path.join(base, 'fixed'));
  writeFileSync(path.join(base, 'secret'), 'host secret');
  writeFileSync(path.join(data, 'file'), 'in the mount');
  writeFileSync(path.join(base, 'fixed', 'file'), 'cannot change');
  const mounts = [
    { host: data, guest: '/data', readOnly: false },
    { host: path.join(base, 'fixed'), guest: '/data/fixed', readOnly: true },
  ];
  const host = createMountedHost({ mounts, stdin: 'closed', output: () => undefined });
  bench = new CallBench({ host, mounts, workingDirectory: '/data' });
});

afterEach(() => {
  rmSync(base, { recursive: true });
});

describe('a mount in the guest', () => {
  test('shows its files, and the mounts within it', () => {
    expect(bench.contents('/data/file')).toBe('in the mount');
    expect(bench.contents('file')).toBe('in the mount');
    expect(bench.contents('fixed/file')).toBe('cannot change');
    expect(bench.contents('fixed/../file')).toBe('in the mount');
    expect(bench.contents('../etc/group')).toBe('root:x:0:\n');
    expect(bench.call('getcwd', CallBench.scratch, 100)).toBe(6);
  });

  test('interprets links in the guest, never on the host', () => {
    symlinkSync('../../../../secret', path.join(data, 'up'));
    symlinkSync(path.join(base, 'secret'), path.join(data, 'absolute'));
    symlinkSync('/etc/group', path.join(data, 'group'));
    symlinkSync('sub', path.join(data, 'inner'));
    symlinkSync(base, path.join(data, 'out'));
    writeFileSync(path.join(data, 'sub', 'x'), 'found');
    expect(bench.contents('up')).toBe('ENOENT');
    expect(bench.contents('absolute')).toBe('ENOENT');
    expect(bench.contents('out/secret')).toBe('ENOENT');
    expect(bench.contents('group')).toBe('root:x:0:\n');
    expect(bench.contents('inner/x')).toBe('found');
    expect(bench.contents('inner/../file')).toBe('in the mount');
    expect(bench.open('absolute', create)).toBe('ENOENT');
    expect(bench.call('symlinkat', '/etc/passwd', -100, 'made')).toBe(0);
    expect(bench.contents('made')).toContain('root:x:0:0');
  });

  test('`..` stops at the guest root', () => {
    expect(bench.contents('/../../../../../../../../etc/group')).toBe('root:x:0:\n');
    expect(bench.contents(`/data/../..${base}/secret`)).toBe('ENOENT');
  });

  test('takes new files, directories, names and times', () => {
    const fd = bench.open('new', create);
    expect(bench.call('write', Number(fd), 'text', 4)).toBe(4);
    expect(bench.call('pwrite64', Number(fd), 'E', 1, 1)).toBe(1);
    expect(bench.call('lseek', Number(fd), 0, 2)).toBe(4);
    expect(readFileSync(path.join(data, 'new'), 'utf8')).toBe('tExt');
    expect(bench.call('mkdirat', -100, 'made', 0o755)).toBe(0);
    expect(bench.call('renameat2', -100, 'new', -100, 'made/moved', 0)).toBe(0);
    expect(readFileSync(path.join(data, 'made', 'moved'), 'utf8')).toBe('tExt');
    expect(bench.call('unlinkat', -100, 'made', 0x200)).toBe('ENOTEMPTY');
    expect(bench.call('ftruncate', Number(fd), 1)).toBe(0);
    expect(bench.call('unlinkat', -100, 'made/moved', 0)).toBe(0);
    expect(bench.call('unlinkat', -100, 'made', 0)).toBe('EISDIR');
    expect(bench.call('unlinkat', -100, 'made', 0x200)).toBe(0);
    expect(bench.open('file', create | 0o200)).toBe('EEXIST');
  });

  test('a working directory goes along when its parent is renamed', () => {
    expect(bench.call('chdir', 'sub')).toBe(0);
    expect(bench.call('renameat2', -100, '/data/sub', -100, '/data/other', 0)).toBe(0);
    expect(bench.call('getcwd', CallBench.scratch, 100)).toBe('/data/other'.length + 1);
    expect(Number(bench.open('here', create))).toBeGreaterThan(2);
    expect(readFileSync(path.join(data, 'other', 'here'), 'utf8')).toBe('');
  });

  test('a read-only mount takes no change', () => {
    expect(bench.open('fixed/new', create)).toBe('EROFS');
    expect(bench.open('fixed/file', 1)).toBe('EROFS');
    expect(bench.open('fixed/file', 0o1000)).toBe('EROFS');
    expect(bench.call('mkdirat', -100, 'fixed/d', 0o755)).toBe('EROFS');
    expect(bench.call('unlinkat', -100, 'fixed/file', 0)).toBe('EROFS');
    expect(bench.call('fchmodat', -100, 'fixed/file', 0o777)).toBe('EROFS');
    expect(bench.call('truncate', 'fixed/file', 0)).toBe('EROFS');
    expect(bench.call('renameat2', -100, 'fixed/file', -100, 'file', 0)).toBe('EROFS');
    expect(bench.call('utimensat', -100, 'fixed/file', 0, 0)).toBe('EROFS');
    expect(bench.call('faccessat', -100, 'fixed/file', 2)).toBe('EROFS');
    expect(bench.call('faccessat', -100, 'fixed/file', 4)).toBe(0);
  });

  test('keeps mount points where they are, and files on their side', () => {
    expect(bench.call('unlinkat', -100, 'fixed', 0x200)).toBe('EBUSY');
    expect(bench.call('unlinkat', -100, '/data', 0x200)).toBe('EBUSY');
    expect(bench.call('renameat2', -100, 'file', -100, '/tmp/file', 0)).toBe('EXDEV');
    expect(bench.call('linkat', -100, 'file', -100, '/tmp/file', 0)).toBe('EXDEV');
  });

  test('lists a directory with the mounts within it, in a fixed order', () => {
    const fd = bench.open('.', 0o200000);
    const count = bench.call('getdents64', Number(fd), CallBench.scratch, 4096);
    const names: string[] = [];
    const bytes = bench.bytes(CallBench.scratch, Number(count));
    for (let at = 0; at < bytes.length; at += bytes[at + 16]!) {
      const name = bytes.subarray(at + 19, at + bytes[at + 16]!);
      names.push(new TextDecoder().decode(name.subarray(0, name.indexOf(0))));
    }
    expect(names).toEqual(['.', '..', 'file', 'fixed', 'sub']);
    expect(bench.call('getdents64', Number(fd), CallBench.scratch, 4096)).toBe(0);
  });

  test('a mount at the root leaves the kernel its own directories', () => {
    const mounts = [{ host: data, guest: '/', readOnly: true }];
    const host = createMountedHost({ mounts, stdin: 'closed', output: () => undefined });
    const rooted = new CallBench({ host, mounts });
    expect(rooted.contents('/file')).toBe('in the mount');
    expect(rooted.contents('/etc/group')).toBe('ENOENT');
    expect(rooted.contents('/proc/self/comm')).toBe('guest\n');
    expect(rooted.contents('/proc/../file')).toBe('in the mount');
  });
});

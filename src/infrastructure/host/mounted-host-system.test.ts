import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HostReply, HostSystem } from '../../application/ports/host-system.ts';
import { createMountedHost } from './mounted-host-system.ts';

let base: string;
let inside: string;
let host: HostSystem;
const output: string[] = [];

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'isochron-host-')));
  inside = path.join(base, 'inside');
  mkdirSync(path.join(inside, 'sub'), { recursive: true });
  writeFileSync(path.join(inside, 'file'), 'contents');
  writeFileSync(path.join(base, 'secret'), 'secret');
  output.length = 0;
  host = createMountedHost({
    mounts: [
      { host: inside, guest: '/data', readOnly: false },
      { host: inside, guest: '/fixed', readOnly: true },
    ],
    stdin: new TextEncoder().encode('typed'),
    output: (to, bytes) => output.push(`${to}:${new TextDecoder().decode(bytes)}`),
  });
});

afterEach(() => {
  rmSync(base, { recursive: true });
});

const at = (...parts: string[]): { mount: number; path: string[] } => ({ mount: 0, path: parts });
const open = (
  where: { mount: number; path: string[] },
  more: Partial<Record<'write' | 'create' | 'exclusive' | 'truncate', boolean>> = {},
): HostReply =>
  host.perform({
    call: 'open',
    at: where,
    write: false,
    create: false,
    exclusive: false,
    truncate: false,
    mode: 0o644,
    ...more,
  });

describe('a mounted host', () => {
  test('reads, writes and lists files of the mount', () => {
    const opened = open(at('sub', 'new'), { write: true, create: true });
    if (!opened.ok) throw new Error(opened.error);
    const handle = opened.value!;
    expect(host.perform({ call: 'write', handle, offset: 2, bytes: Uint8Array.of(65, 66) })).toEqual({
      ok: true,
      value: 2,
    });
    expect(host.perform({ call: 'read', handle, offset: 0, length: 10 })).toEqual({
      ok: true,
      bytes: Uint8Array.of(0, 0, 65, 66),
    });
    expect(host.perform({ call: 'close', handle })).toEqual({ ok: true });
    expect(host.perform({ call: 'close', handle })).toEqual({ ok: false, error: 'EBADF' });
    expect(host.perform({ call: 'list', at: at() })).toEqual({ ok: true, names: ['file', 'sub'] });
    expect(readFileSync(path.join(inside, 'sub', 'new')).length).toBe(4);
  });

  test.each([['..'], ['.'], [''], ['../secret'], ['sub/../../secret'], ['a\0b'], ['/etc/passwd']])(
    'refuses the component %j',
    (name) => {
      expect(host.perform({ call: 'stat', at: at(name) })).toEqual({ ok: false, error: 'EINVAL' });
      expect(host.perform({ call: 'stat', at: at('sub', name) })).toEqual({ ok: false, error: 'EINVAL' });
      expect(open(at(name), { write: true, create: true })).toEqual({ ok: false, error: 'EINVAL' });
    },
  );

  test('refuses names that are too long', () => {
    expect(host.perform({ call: 'stat', at: at('n'.repeat(256)) })).toEqual({
      ok: false,
      error: 'ENAMETOOLONG',
    });
  });

  test('does not follow links out of the mount, in any position', () => {
    symlinkSync(base, path.join(inside, 'up'));
    symlinkSync(path.join(base, 'secret'), path.join(inside, 'leak'));
    symlinkSync('up', path.join(inside, 'chain'));
    for (const name of ['up', 'chain']) {
      expect(host.perform({ call: 'stat', at: at(name, 'secret') }).ok).toBe(false);
      expect(open(at(name, 'secret')).ok).toBe(false);
      expect(host.perform({ call: 'list', at: at(name) }).ok).toBe(false);
      expect(host.perform({ call: 'mkdir', at: at(name, 'made'), mode: 0o755 }).ok).toBe(false);
      expect(host.perform({ call: 'remove', at: at(name, 'secret'), directory: false }).ok).toBe(false);
      expect(host.perform({ call: 'rename', from: at('file'), to: at(name, 'moved') }).ok).toBe(false);
    }
    expect(open(at('leak'))).toEqual({ ok: false, error: 'ELOOP' });
    expect(open(at('leak'), { write: true, create: true, truncate: true }).ok).toBe(false);
    expect(host.perform({ call: 'chmod', at: at('leak'), mode: 0o777 }).ok).toBe(false);
    expect(host.perform({ call: 'stat', at: at('leak') })).toMatchObject({
      ok: true,
      stat: { kind: 'symlink' },
    });
    host.perform({ call: 'setTimes', at: at('leak'), mtimeMs: 1000 });
    expect(statSync(path.join(base, 'secret')).mtimeMs).not.toBe(1000);
    expect(readFileSync(path.join(base, 'secret'), 'utf8')).toBe('secret');
    expect(existsSync(path.join(base, 'made'))).toBe(false);
  });

  test('stays inside while a directory is swapped for a link again and again', () => {
    if (process.platform !== 'linux') {
      process.stderr.write('Skipped: a directory swapped between check and use is only caught on Linux.\n');
      return;
    }
    writeFileSync(path.join(inside, 'sub', 'secret'), 'harmless');
    const script = `cd ${inside}; ln -s .. link; i=0; while [ $i -lt 300 ]; do mv sub real; mv link sub; mv sub link; mv real sub; i=$((i+1)); done; echo done > ended`;
    const child = execFileSync('sh', ['-c', `(${script}) >/dev/null 2>&1 & echo $!`], { encoding: 'utf8' });
    expect(Number(child)).toBeGreaterThan(0);
    const seen = new Set<string>();
    for (let tries = 0; tries < 100_000 && !existsSync(path.join(inside, 'ended')); tries++) {
      const opened = open(at('sub', 'secret'));
      if (!opened.ok) continue;
      const read = host.perform({ call: 'read', handle: opened.value!, offset: 0, length: 100 });
      if (read.ok) seen.add(new TextDecoder().decode(read.bytes));
      host.perform({ call: 'close', handle: opened.value! });
    }
    expect([...seen]).not.toContain('secret');
  });

  test('refuses every change under a read-only mount', () => {
    const fixed = { mount: 1, path: ['file'] };
    expect(open(fixed)).toMatchObject({ ok: true });
    const refused = { ok: false, error: 'EROFS' };
    expect(open(fixed, { write: true })).toEqual(refused);
    expect(open(fixed, { truncate: true })).toEqual(refused);
    expect(host.perform({ call: 'remove', at: fixed, directory: false })).toEqual(refused);
    expect(host.perform({ call: 'chmod', at: fixed, mode: 0 })).toEqual(refused);
    expect(host.perform({ call: 'symlink', at: fixed, target: 'x' })).toEqual(refused);
    expect(host.perform({ call: 'setTimes', at: fixed, mtimeMs: 0 })).toEqual(refused);
    expect(readFileSync(path.join(inside, 'file'), 'utf8')).toBe('contents');
  });

  test('opens no special file, and does not wait for one', () => {
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [path.join(inside, 'fifo')]);
    expect(open(at('fifo'))).toEqual({ ok: false, error: 'EACCES' });
    expect(open(at('fifo'), { write: true })).toEqual({ ok: false, error: 'EACCES' });
    expect(open(at('sub'))).toEqual({ ok: false, error: 'EISDIR' });
  });

  test('gives the bytes of standard input once and passes output on', () => {
    expect(host.perform({ call: 'readStdin', length: 3 })).toEqual({
      ok: true,
      bytes: new TextEncoder().encode('typ'),
    });
    expect(host.perform({ call: 'readStdin', length: 9 })).toEqual({
      ok: true,
      bytes: new TextEncoder().encode('ed'),
    });
    expect(host.perform({ call: 'readStdin', length: 9 })).toEqual({ ok: true, bytes: new Uint8Array() });
    expect(host.perform({ call: 'writeOutput', to: 'stderr', bytes: Uint8Array.of(33) })).toEqual({
      ok: true,
      value: 1,
    });
    expect(output).toEqual(['stderr:!']);
  });

  test('names the directory that cannot be mounted', () => {
    const missing = path.join(base, 'missing');
    const mounts = [{ host: missing, guest: '/data', readOnly: true }];
    expect(() => createMountedHost({ mounts, stdin: 'closed', output: () => undefined })).toThrow(
      `Cannot mount ${missing} at /data`,
    );
  });
});

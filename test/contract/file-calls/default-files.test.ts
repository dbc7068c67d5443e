import { describe, expect, test } from '@jest/globals';
import { CallBench } from './call-bench.ts';

const at = CallBench.scratch;

/** Names in a directory, `.` and `..` left out. */
function names(bench: CallBench, path: string): readonly string[] {
  const fd = Number(bench.open(path, 0o200000));
  const found: string[] = [];
  for (let count = 1; count > 0;) {
    count = Number(bench.call('getdents64', fd, at, 2048));
    const bytes = bench.bytes(at, count);
    for (let record = 0; record < count; record += bytes[record + 16]!) {
      const name = bytes.subarray(record + 19, record + bytes[record + 16]!);
      found.push(new TextDecoder().decode(name.subarray(0, name.indexOf(0))));
    }
  }
  bench.call('close', fd);
  return found.slice(2);
}

function link(bench: CallBench, path: string): string {
  const count = Number(bench.call('readlinkat', -100, path, at + 256, 200));
  return new TextDecoder().decode(bench.bytes(at + 256, count));
}

describe('the files that every guest has', () => {
  test('can all be listed, looked at and read', () => {
    const bench = new CallBench();
    const seen: string[] = [];
    const visit = (directory: string): void => {
      for (const name of names(bench, directory)) {
        const path = `${directory === '/' ? '' : directory}/${name}`;
        // The descriptor that listed the directory, closed since.
        if (/\/fd(info)?\/3$/.test(path)) continue;
        expect([path, bench.call('newfstatat', -100, path, at + 1024, 0x100)]).toEqual([path, 0]);
        const mode = new DataView(bench.bytes(at + 1024, 128).slice().buffer).getUint32(16, true) & 0o170000;
        seen.push(path);
        if (mode === 0o040000) visit(path);
        if (mode === 0o100000) {
          const fd = bench.open(path);
          expect([path, typeof fd]).toEqual([path, 'number']);
          expect([path, typeof bench.call('read', Number(fd), at, 4096)]).toEqual([path, 'number']);
          bench.call('close', Number(fd));
        }
      }
    };
    visit('/');
    expect(seen).toEqual(
      expect.arrayContaining([
        '/dev/null',
        '/proc/7/maps',
        '/proc/cpuinfo',
        '/etc/passwd',
        '/tmp',
        '/bin/guest',
      ]),
    );
  });

  test('tell of the process and its descriptors', () => {
    const bench = new CallBench();
    expect(bench.contents('/proc/self/cmdline')).toBe('guest\0a b\0');
    expect(bench.contents('/proc/self/maps')).toContain('rw-p');
    expect(bench.contents('/proc/7/task/8/status')).toContain('Pid:\t8\n');
    expect(bench.contents('/proc/self/stat')).toMatch(/^7 \(guest\) R 1 7 7 0 -1 /);
    expect(bench.contents('/proc/self/stat').trim().split(' ')).toHaveLength(52);
    expect(bench.contents('/proc/8/maps')).toBe('ENOENT');
    expect(link(bench, '/proc/self')).toBe('7');
    expect(link(bench, '/proc/self/exe')).toBe('/bin/guest');
    const fd = Number(bench.open('/tmp', 0o200000));
    expect(link(bench, `/proc/self/fd/${String(fd)}`)).toBe('/tmp');
    expect(link(bench, '/proc/self/fd/0')).toMatch(/^pipe:\[\d+\]$/);
    expect(names(bench, '/proc/self/fd')).toEqual(['0', '1', '2', String(fd), '4']);
  });

  test('the program is there to be read, and copied on writing', () => {
    const bench = new CallBench();
    const fd = Number(bench.open('/bin/guest', 2));
    expect(bench.call('pread64', fd, at, 4, 5000)).toBe(4);
    expect([...bench.bytes(at, 4)]).toEqual([5000, 5001, 5002, 5003].map((index) => index % 251));
    expect(bench.call('pwrite64', fd, 'XY', 2, 5001)).toBe(2);
    expect(bench.call('pread64', fd, at, 4, 5000)).toBe(4);
    expect([...bench.bytes(at, 4)]).toEqual([5000 % 251, 88, 89, 5003 % 251]);
    expect([...bench.fileSystem.program.subarray(5001, 5002)]).toEqual([5001 % 251]);
  });

  test('a removed file lives on while it is open, and its room comes back', () => {
    const bench = new CallBench();
    const held = bench.fileSystem.state.held;
    const fd = Number(bench.open('/tmp/x', 0o102));
    bench.call('write', fd, 'still here', 10);
    expect(bench.call('unlinkat', -100, '/tmp/x', 0)).toBe(0);
    bench.call('lseek', fd, 0, 0);
    expect(bench.text(fd)).toBe('still here');
    expect(bench.call('close', fd)).toBe(0);
    expect(bench.fileSystem.state.held).toBe(held);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileSystemCalls } from '../../../src/application/linux/files/file-system-calls.ts';
import { errno } from '../../../src/application/linux/errno.ts';
import { systemCallNames } from '../../../src/application/linux/system-call-names.ts';
import { CallBench, nowhere } from './call-bench.ts';

const at = CallBench.scratch;

/** A bench with one open file of each kind, descriptors 3 and up. */
function furnished(): CallBench {
  const bench = new CallBench();
  bench.open('/tmp/file', 0o102);
  bench.call('write', 3, 'contents', 8);
  bench.open('/tmp', 0o200000);
  bench.call('pipe2', at, 0o4000);
  bench.call('socketpair', 1, 1 | 0o4000, 0, at);
  bench.call('eventfd2', 1, 0o4000);
  bench.call('timerfd_create', 1, 0o4000);
  bench.call('epoll_create1', 0);
  bench.open('/dev/zero', 2);
  bench.open('/proc/self/maps');
  bench.open('/tmp/file', 0o10000000);
  bench.call('memfd_create', 'm', 2);
  return bench;
}

const argument = fc.oneof(
  fc.integer({ min: -2, max: 20 }).map(BigInt),
  fc.constantFrom<bigint>(
    BigInt(at),
    BigInt(at + 4095),
    BigInt(nowhere),
    0n,
    8n,
    0x4_0000n - 4n,
    2n ** 20n - 1n,
  ),
  fc.constantFrom<bigint>(
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 53n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    -100n,
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

describe('file system calls', () => {
  test('every handler has the name of a system call', () => {
    const names = new Set(systemCallNames.values());
    expect(Object.keys(fileSystemCalls).filter((name) => !names.has(name))).toEqual([]);
  });

  test('answer any arguments with a result, a known error or a wait', () => {
    const results = new Set<number>(Object.values(errno));
    const oneCall = fc.tuple(
      fc.constantFrom(...Object.keys(fileSystemCalls)),
      fc.array(argument, { minLength: 6, maxLength: 6 }),
    );
    fc.assert(
      fc.property(
        fc.array(oneCall, { minLength: 1, maxLength: 12 }),
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        (calls, junk) => {
          const bench = furnished();
          bench.memory.write(at, junk);
          for (const [name, args] of calls) {
            const outcome = bench.outcome(name, ...args);
            if (typeof outcome === 'object') expect(outcome.wait).toMatch(/./);
            else if (Number(outcome) < 0) expect([name, results.has(Number(outcome))]).toEqual([name, true]);
            else expect(Number.isSafeInteger(Number(outcome))).toBe(true);
          }
          expect(() => structuredClone(bench.fileSystem.state)).not.toThrow();
        },
      ),
      { numRuns: 400, seed: 2026 },
    );
  });

  test('a buffer that ends in a bad page is used up to there', () => {
    const bench = new CallBench();
    const zero = bench.open('/dev/zero', 2);
    expect(bench.call('read', Number(zero), 0x4_0000 - 10, 100)).toBe(10);
    expect(bench.call('read', Number(zero), 0x4_0000, 100)).toBe('EFAULT');
    const file = bench.open('/tmp/file', 0o102);
    expect(bench.call('write', Number(file), 0x4_1000 - 10, 100)).toBe(10);
    expect(bench.call('write', Number(file), nowhere, 100)).toBe('EFAULT');
  });

  test('a length beyond a transfer is cut, and a negative one is a bad buffer', () => {
    const bench = new CallBench();
    const nul = Number(bench.open('/dev/null', 2));
    expect(bench.call('write', nul, 0x1_0000, 0x3_0000)).toBe(0x3_0000);
    expect(bench.call('write', nul, 0x1_0000, 2n ** 63n)).toBe('EFAULT');
    expect(bench.call('read', nul, 0x1_0000, -1)).toBe('EFAULT');
  });

  test('a path without an end is too long, and one in a bad page a fault', () => {
    const bench = new CallBench();
    bench.memory.write(at, new Uint8Array(0x2000).fill(0x61));
    expect(bench.call('openat', -100, at, 0, 0)).toBe('ENAMETOOLONG');
    bench.memory.write(0x4_0000 - 8, new Uint8Array(8).fill(0x61));
    expect(bench.call('openat', -100, nowhere - 8, 0, 0)).toBe('EFAULT');
  });

  test('openat2 keeps below its directory when told to', () => {
    const bench = new CallBench();
    bench.call('mkdirat', -100, '/tmp/d', 0o755);
    bench.call('symlinkat', '/etc/group', -100, '/tmp/d/out');
    bench.call('symlinkat', 'in', -100, '/tmp/d/link');
    bench.open('/tmp/d/in', 0o102);
    const directory = Number(bench.open('/tmp/d', 0o200000));
    const how = (restrictions: bigint): Uint8Array =>
      new Uint8Array(BigUint64Array.of(0n, 0n, restrictions).buffer);
    const open = (path: string, restrictions: bigint): number | string =>
      bench.call('openat2', directory, path, how(restrictions), 24);
    expect(open('in', 8n)).toBeGreaterThan(2);
    expect(open('link', 8n)).toBeGreaterThan(2);
    expect(open('../../etc/group', 8n)).toBe('EXDEV');
    expect(open('/etc/group', 8n)).toBe('EXDEV');
    expect(open('out', 8n)).toBe('EXDEV');
    expect(open('link', 4n)).toBe('ELOOP');
    expect(open('out', 16n)).toBe('ENOENT');
    expect(open('/../../in', 16n)).toBeGreaterThan(2);
    expect(open('in', 64n)).toBe('EINVAL');
  });
});

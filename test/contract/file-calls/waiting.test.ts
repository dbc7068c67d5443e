import { describe, expect, test } from '@jest/globals';
import { CallBench } from './call-bench.ts';

const nonBlock = 0o4000;
const second = 1_000_000_000n;
const at = CallBench.scratch;

function pair(bench: CallBench, call: string, ...args: readonly number[]): readonly [number, number] {
  expect(bench.call(call, ...args)).toBe(0);
  const words = new DataView(bench.bytes(at, 8).slice().buffer);
  return [words.getInt32(0, true), words.getInt32(4, true)];
}

const pipe = (bench: CallBench, flags = 0): readonly [number, number] => pair(bench, 'pipe2', at, flags);
const shown = (bench: CallBench, timedOut = false): number | string => CallBench.shown(bench.retry(timedOut));

describe('calls that wait', () => {
  test('a read of an empty pipe waits until something is written', () => {
    const bench = new CallBench();
    const [from, to] = pipe(bench);
    expect(bench.call('read', from, at, 10)).toBe('wait');
    expect(shown(bench)).toBe('wait');
    expect(bench.call('write', to, 'abc', 3)).toBe(3);
    expect(bench.text(from)).toBe('abc');
    bench.call('close', to);
    expect(bench.text(from)).toBe('');
  });

  test('a write larger than a pipe goes on where it stopped', () => {
    const bench = new CallBench();
    const [from, to] = pipe(bench);
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 253);
    const pending = bench.outcome('write', to, bytes, bytes.length);
    expect(pending).toEqual({ wait: 'pipe write' });
    const writing = bench.pending();
    const got: number[] = [];
    const take = (): void => {
      const count = Number(bench.call('read', from, 0x3_0000, 30_000));
      got.push(...bench.bytes(0x3_0000, count));
    };
    take();
    bench.resume(writing);
    expect(shown(bench)).toBe('wait');
    take();
    bench.resume(writing);
    expect(shown(bench)).toBe(100_000);
    for (let round = 0; round < 3; round++) take();
    expect(got).toEqual([...bytes]);
  });

  test('a non-blocking write to a pipe takes what fits, and small writes all or nothing', () => {
    const bench = new CallBench();
    const [, to] = pipe(bench, nonBlock);
    expect(bench.call('write', to, new Uint8Array(70_000), 70_000)).toBe(65_536);
    expect(bench.call('write', to, 'x', 1)).toBe('EAGAIN');
  });

  test('a write to a pipe without readers raises SIGPIPE', () => {
    const bench = new CallBench();
    const [from, to] = pipe(bench);
    bench.call('close', from);
    expect(bench.call('write', to, 'x', 1)).toBe('EPIPE');
    expect(bench.signals).toEqual([13]);
  });

  test('poll counts its timeout from the first attempt', () => {
    const bench = new CallBench();
    const [from] = pipe(bench);
    const entry = new Uint8Array(8);
    new DataView(entry.buffer).setInt32(0, from, true);
    entry[4] = 1;
    const timeout = new Uint8Array(BigInt64Array.of(2n, 5n).buffer);
    const both = new Uint8Array(32);
    both.set(entry);
    both.set(timeout, 16);
    const start = bench.monotonic;
    expect(bench.outcome('ppoll', both, 1, at + 16, 0, 0)).toEqual({
      wait: 'poll',
      deadline: start + 2n * second + 5n,
    });
    bench.monotonic += second;
    expect(bench.retry()).toEqual({ wait: 'poll', deadline: start + 2n * second + 5n });
    bench.monotonic += 2n * second;
    expect(bench.retry(true)).toBe(0);
  });

  test('a timer wakes epoll at its expiry, and counts the expiries that were missed', () => {
    const bench = new CallBench();
    const timer = Number(bench.call('timerfd_create', 1, nonBlock));
    const epoll = Number(bench.call('epoll_create1', 0));
    const event = new Uint8Array(16);
    event[0] = 1;
    event[8] = 9;
    expect(bench.call('epoll_ctl', epoll, 1, timer, event)).toBe(0);
    const setting = new Uint8Array(BigInt64Array.of(0n, 100n, 0n, 500n).buffer);
    expect(bench.call('timerfd_settime', timer, 0, setting, 0)).toBe(0);
    const due = bench.monotonic + 500n;
    expect(bench.outcome('epoll_pwait', epoll, at, 4, -1, 0, 0)).toEqual({ wait: 'epoll', deadline: due });
    bench.monotonic = due + 250n;
    expect(bench.retry()).toBe(1);
    expect(bench.bytes(at, 16)[8]).toBe(9);
    expect(bench.call('read', timer, at, 8)).toBe(8);
    expect(bench.bytes(at, 8)[0]).toBe(3);
    expect(bench.call('read', timer, at, 8)).toBe('EAGAIN');
  });

  test('an accept waits for a connection, and a connected pair talks', () => {
    const bench = new CallBench();
    const address = new TextEncoder().encode('\u0001\u0000/tmp/s');
    const server = Number(bench.call('socket', 1, 1, 0));
    expect(bench.call('bind', server, address, address.length)).toBe(0);
    expect(bench.call('listen', server, 1)).toBe(0);
    expect(bench.call('accept4', server, 0, 0, 0)).toBe('wait');
    const client = Number(bench.call('socket', 1, 1, 0));
    expect(bench.call('connect', client, address, address.length)).toBe(0);
    const accepted = Number(bench.call('accept4', server, 0, 0, 0));
    expect(bench.call('sendto', client, 'hi', 2, 0, 0, 0)).toBe(2);
    expect(bench.text(accepted)).toBe('hi');
    bench.call('close', client);
    expect(bench.text(accepted)).toBe('');
  });

  test('a lock of another open file makes flock wait until it is given up', () => {
    const bench = new CallBench();
    const [first, other] = [Number(bench.open('/tmp/l', 0o102)), Number(bench.open('/tmp/l', 2))];
    expect(bench.call('flock', first, 2)).toBe(0);
    expect(bench.call('flock', other, 2)).toBe('wait');
    expect(bench.call('flock', other, 6)).toBe('EAGAIN');
    const before = bench.changes;
    bench.call('close', first);
    expect(bench.changes).toBeGreaterThan(before);
    expect(bench.call('flock', other, 2)).toBe(0);
  });

  test('opening one side of a FIFO waits for the other', () => {
    const bench = new CallBench();
    expect(bench.call('mknodat', -100, '/tmp/f', 0o010600, 0)).toBe(0);
    expect(bench.open('/tmp/f', 1 | nonBlock)).toBe('ENXIO');
    expect(bench.open('/tmp/f', 0)).toBe('wait');
    const reader = bench.pending();
    const to = Number(bench.open('/tmp/f', 1));
    bench.resume(reader);
    const from = Number(shown(bench));
    expect(bench.call('write', to, 'through', 7)).toBe(7);
    expect(bench.text(from)).toBe('through');
    bench.call('close', to);
    expect(bench.text(from)).toBe('');
  });

  test('masks of ppoll and epoll_pwait block signals for the call only', () => {
    const bench = new CallBench();
    const mask = new Uint8Array(BigUint64Array.of(6n).buffer);
    expect(bench.call('ppoll', 0, 0, 0, mask, 8)).toBe('wait');
    expect(bench.blocked).toEqual([6n]);
    expect(bench.call('ppoll', 0, 0, 0, mask, 4)).toBe('EINVAL');
  });
});

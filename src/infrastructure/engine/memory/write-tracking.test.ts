import { describe, expect, test } from '@jest/globals';
import { allocate } from './allocate.ts';
import { HugePages } from './huge-pages.ts';
import { hostWriteTracking } from './write-tracking.ts';

const host = hostWriteTracking();
if ('reason' in host) process.stderr.write(`skipped: tracking of writes: ${host.reason}\n`);

(('reason' in host ? describe.skip : describe) as typeof describe)('the tracking of writes', () => {
  const page = 4096;
  const tracked = () => {
    if ('reason' in host) throw new Error(host.reason);
    const bytes = new Uint8Array(new WebAssembly.Memory({ initial: 512, maximum: 512 }).buffer);
    bytes[3 * page] = 1;
    const memory = host.track(bytes)!;
    return {
      bytes,
      take: (start = 0, end = bytes.length) => memory.take(start, end),
      readable: () => memory.readable(0, bytes.length),
    };
  };

  test('tells of each written page once, reads apart', () => {
    const { bytes, take, readable } = tracked();
    expect(take()).toEqual([{ start: 3 * page, end: 4 * page }]);
    readable();
    expect(bytes[500 * page]).toBe(0);
    expect(bytes[8000 * page]).toBe(0);
    bytes[7 * page + 5] = 0;
    bytes[8 * page] = 1;
    bytes[100 * page - 1] = 1;
    expect(take()).toEqual([
      { start: 7 * page, end: 9 * page },
      { start: 99 * page, end: 100 * page },
    ]);
    expect(take()).toEqual([]);
    bytes[8 * page] = 1;
    expect(take()).toEqual([{ start: 8 * page, end: 9 * page }]);
  });

  test('takes ranges by themselves', () => {
    const { bytes, take } = tracked();
    for (let at = 0; at < 20; at++) bytes[at * page] = at;
    expect(take(4 * page, 6 * page)).toEqual([{ start: 4 * page, end: 6 * page }]);
    expect(take()).toEqual([
      { start: 0, end: 4 * page },
      { start: 6 * page, end: 20 * page },
    ]);
  });

  test('tells of more ranges than one call of the host reports', () => {
    const { bytes, take } = tracked();
    take();
    const written = Array.from({ length: 3000 }, (_, at) => 2 * at * page).filter((at) => at < bytes.length);
    for (const at of written) bytes[at] = 1;
    expect(take().map(({ start }) => start)).toEqual(written);
  });

  test('tells of the pages of huge pages one by one, written or only read before', () => {
    if ('reason' in host) throw new Error(host.reason);
    const { buffer } = allocate(16 << 20, 'test');
    const bytes = new Uint8Array(buffer);
    const [written, read] = [2 << 20, 8 << 20];
    const huge = new HugePages(bytes);
    for (const at of [written, read]) huge.advise(at, at + (4 << 20));
    bytes.fill(1, written, written + (4 << 20));
    expect(bytes[read]! + bytes[read + (2 << 20)]!).toBe(0);
    const memory = host.track(bytes)!;
    expect(memory.take(0, bytes.length)).toEqual([{ start: written, end: written + (4 << 20) }]);
    memory.readable(0, bytes.length);
    const pages = [written + 5 * page, written + 600 * page, read + 7 * page, read + 520 * page];
    for (const [index, at] of pages.entries()) bytes[at + index] = 2;
    expect(bytes[read + 8 * page]).toBe(0);
    expect(memory.take(0, bytes.length)).toEqual(pages.map((start) => ({ start, end: start + page })));
    expect(memory.take(0, bytes.length)).toEqual([]);
    bytes[written + 6 * page] = 3;
    expect(memory.take(0, bytes.length)).toEqual([{ start: written + 6 * page, end: written + 7 * page }]);
  });

  test('tells two memories apart', () => {
    const [one, other] = [tracked(), tracked()];
    one.take();
    other.take();
    other.bytes[0] = 1;
    expect(one.take()).toEqual([]);
    expect(other.take()).toEqual([{ start: 0, end: page }]);
  });
});

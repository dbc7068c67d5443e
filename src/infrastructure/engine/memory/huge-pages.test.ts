import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { allocate } from './allocate.ts';
import { HugePages } from './huge-pages.ts';

const kilobytesOfHugePages = (): number =>
  Number(/^AnonHugePages: +([0-9]+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))![1]);
const setting = '/sys/kernel/mm/transparent_hugepage/enabled';
const given = (() => {
  try {
    return readFileSync(setting, 'utf8').includes('[madvise]');
  } catch {
    return false;
  }
})();
if (!given)
  process.stderr.write(
    `skipped: that memory is of huge pages: ${setting} does not give them to those who ask, and no others\n`,
  );

test('change nothing of what a memory holds', () => {
  const bytes = new Uint8Array(allocate(8 << 20, 'test').buffer);
  bytes[5] = 1;
  const huge = new HugePages(bytes);
  expect(huge.used).toBe(false);
  huge.advise(0, bytes.length);
  expect(huge.used).toBe(true);
  bytes[bytes.length - 1] = 2;
  expect([bytes[5], bytes[6], bytes[bytes.length - 1]]).toEqual([1, 0, 2]);
});

(given ? test : test.skip)('are what memory is made of that they were asked for, up to a limit', () => {
  const bytes = new Uint8Array(allocate(256 << 20, 'test').buffer);
  const huge = new HugePages(bytes);
  const before = kilobytesOfHugePages();
  huge.advise(0, 8 << 20);
  for (let at = 0; at < 8 << 20; at += 4096) bytes[at] = 1;
  expect(kilobytesOfHugePages() - before).toBeGreaterThanOrEqual(4 << 10);
  const then = kilobytesOfHugePages();
  huge.advise(8 << 20, 256 << 20);
  for (let at = 8 << 20; at < 16 << 20; at += 4096) bytes[at] = 1;
  expect(kilobytesOfHugePages()).toBeLessThanOrEqual(then);
});

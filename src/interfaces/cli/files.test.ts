import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeOf } from '../../application/ports/program-image.ts';
import { openImage } from './files.ts';
import { CommandFailure } from './usage-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'isochron-files-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const content = Uint8Array.from({ length: 700_000 }, (_, at) => at % 251);
function fileOf(name: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test('an image gives any part of its file, and the whole', () => {
  const image = openImage(fileOf('program'));
  expect(image.length).toBe(content.length);
  for (const [start, end] of [
    [0, 0],
    [5, 300],
    [100_000, 600_000],
    [699_990, 700_000],
  ] as const)
    expect(Buffer.compare(image.subarray(start, end), content.subarray(start, end))).toBe(0);
  expect(Buffer.compare(wholeOf(image), content)).toBe(0);
});

test('an image whose file became shorter says so', () => {
  const path = fileOf('shorter');
  const image = openImage(path);
  truncateSync(path, 10);
  expect(() => image.subarray(0, 100)).toThrow(CommandFailure);
});

test('a file that is not there, and a directory, are refused at once', () => {
  expect(() => openImage(join(directory, 'none'))).toThrow(CommandFailure);
  expect(() => openImage(directory)).toThrow(CommandFailure);
});

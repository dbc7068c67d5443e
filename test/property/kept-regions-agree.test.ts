import { afterAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** ISOCHRON_SEED repeats a failure. */
const seed = process.env.ISOCHRON_SEED ?? '20261130';
const pairs = 1500;
const directory = mkdtempSync(join(tmpdir(), 'isochron-kept-pairs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Of a process of its own, for V8 takes no machine code where coverage is measured. */
function run() {
  const script = fileURLToPath(new URL('keep-pairs.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [script, directory, String(pairs), seed], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as { differs: readonly unknown[]; optimised: number };
}

test(`golden and machine code of another process agree on ${pairs} random (block, state) pairs`, () => {
  expect(run()).toEqual({ differs: [], optimised: 0 });
  const { differs, optimised } = run();
  expect(differs).toEqual([]);
  expect(optimised).toBeGreaterThan(100);
}, 300_000);

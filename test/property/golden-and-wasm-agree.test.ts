import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * 100,000 pairs in CI (or as many as ISOCHRON_PAIRS says), a tenth of that elsewhere. `npm run campaign` runs millions.
 * ISOCHRON_SEED repeats a failure.
 */
const pairs = Number(process.env.ISOCHRON_PAIRS ?? (process.env.CI ? 100_000 : 10_000));
const seed = Number(process.env.ISOCHRON_SEED ?? 20_260_101);
const patience = 600_000;

test(
  `golden and wasm agree on ${pairs} random (block, state) pairs`,
  async () => {
    // In a process of its own: where coverage is measured they take twice as long.
    const script = fileURLToPath(new URL('try-pairs.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(pairs), String(seed)], {
      timeout: patience,
    });
    expect(JSON.parse(stdout)).toEqual({ pairs, differs: [] });
  },
  patience,
);

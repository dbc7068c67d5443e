import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const driver = fileURLToPath(new URL('hostile-elf-driver.ts', import.meta.url));

test('500 hostile ELF files end in a clear error or run, without a crash, below 1 GiB', () => {
  const seed = process.env['ISOCHRON_SEED'] ?? '20261124';
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', driver, seed, '500'];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const { outcomes, maxRss, failures } = JSON.parse(stdout) as {
    outcomes: Record<string, number>;
    maxRss: number;
    failures: string[];
  };
  console.log(
    `seed ${seed}: ${JSON.stringify(outcomes)}, at most ${Math.round(maxRss / 2 ** 20)} MiB resident`,
  );
  expect(failures).toEqual([]);
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(500);
  expect(maxRss).toBeLessThan(2 ** 30);
  expect(Object.keys(outcomes).length).toBeGreaterThan(6);
});

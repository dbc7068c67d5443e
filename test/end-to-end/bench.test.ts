import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { barChart } from '../../scripts/bench/chart.ts';
import { markdown, type Results, speedUp, steadySpeedUp } from '../../scripts/bench/report.ts';
import { geometricMean, median, ratio } from '../../scripts/bench/statistics.ts';
import { build, compilers, exists, workloads } from '../../scripts/bench/workloads.ts';
import { isochron } from './recording-terminal.ts';

describe('the statistics of the benchmark', () => {
  test('medians, means and ratios', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(geometricMean([1, 4])).toBeCloseTo(2);
    expect(ratio([2, 6, 4], [1, 2, 4])).toEqual({ median: 2, least: 1, most: 3 });
  });

  const sample = (long: number, short: number) => ({ long: [long], short: [short], peak: [100] });
  const workload = {
    name: 'one',
    kind: 'integer',
    rounds: 4,
    samples: { wasm: sample(3, 2), qemu: sample(6, 2), native: sample(1, 0.5) },
  } as const;

  test('a speed-up is the time of the peer over one’s own, in steady state without what both begin with', () => {
    expect(speedUp(workload, 'wasm', 'qemu')?.median).toBe(2);
    expect(steadySpeedUp(workload, 'wasm', 'qemu')?.median).toBe(4);
    expect(speedUp(workload, 'wasm', 'absent')).toBeUndefined();
  });

  test('the page has a row for each workload, the means, and the machine', () => {
    const results: Results = {
      date: '2026-01-01',
      machine: { processor: 'P' },
      runs: 1,
      startUp: { hello: [0.25, 0.2] },
      workloads: [workload],
    };
    const page = markdown(results);
    expect(page).toMatch(/\| one +\| integer \| 2\.00 \(2\.00–2\.00\) \| 4\.00/);
    expect(page).toContain('**geometric mean**');
    expect(page).toMatch(/\| hello +\| 200\.00 \|/);
  });

  test('the chart is an image with a bar for each workload', () => {
    const image = barChart('a < b', [{ name: 'one', value: 2, least: 1, most: 3 }]);
    expect(image).toMatch(/^<svg[^>]*>[\s\S]*<\/svg>\n$/);
    expect(image).toContain('a &#60; b');
    expect(image.match(/<rect x=/g)).toHaveLength(1);
  });
});

const missing = Object.values(compilers).filter(({ command }) => !exists(command));
const folder = mkdtempSync(join(tmpdir(), 'isochron-workloads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

if (missing.length > 0 && process.env['CI'] !== 'true')
  test('workloads are not compared', () => {
    console.log(`skipped: ${missing.map(({ command }) => command).join(', ')} missing`);
    expect(missing).not.toEqual([]);
  });
else
  test.each(workloads)('$name computes what the native program computes', async (workload) => {
    const expected = execFileSync(build(workload, 'native', folder), ['1'], { encoding: 'utf8' });
    const { status, stdout } = await isochron(
      { store: folder },
      'run',
      build(workload, 'riscv64', folder),
      '1',
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected });
  });

import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { barChart } from '../../scripts/bench/chart.ts';
import { codeGuest } from '../../scripts/bench/growth/code-guest.ts';
import { growthExponent, growthPage } from '../../scripts/bench/growth/report.ts';
import { lineChart } from '../../scripts/bench/line-chart.ts';
import { markdown, type Results, speedUp, steadySpeedUp } from '../../scripts/bench/report.ts';
import { geometricMean, median, ratio } from '../../scripts/bench/statistics.ts';
import { build, compilers, exists, workloads } from '../../scripts/bench/workloads.ts';
import { writeGuest } from './assembled-guest.ts';
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
    samples: {
      wasm: { ...sample(3, 2), peak: [150, 120] },
      'wasm, first run': sample(12, 9),
      qemu: sample(6, 2),
      native: sample(1, 0.5),
    },
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
    expect(page).toMatch(/\| one +\| integer \| 2\.00 \(2\.00–2\.00\) \| 0\.50 \(0\.50–0\.50\) \| 4\.00/);
    expect(page).toContain('**geometric mean**');
    expect(page).toMatch(/\| hello +\| 200\.00 \| 225\.00 \|/);
    expect(page).toMatch(/\| one +\| 100\.00 \| 150\.00 \| 0\.00 +\| 0\.00 +\| 50\.00 +\|/);
  });

  test('the chart is an image with a bar for each workload', () => {
    const image = barChart('a < b', [{ name: 'one', value: 2, least: 1, most: 3 }]);
    expect(image).toMatch(/^<svg[^>]*>[\s\S]*<\/svg>\n$/);
    expect(image).toContain('a &#60; b');
    expect(image.match(/<rect x=/g)).toHaveLength(1);
  });
});

describe('the benchmark of growth', () => {
  test('the exponent of growth', () => {
    const sizes = [1, 10, 100, 1000];
    const of = (cost: (size: number) => number) => growthExponent(sizes, sizes.map(cost));
    expect(of((size) => 3 * size)).toBeCloseTo(1);
    expect(of((size) => size * size)).toBeCloseTo(2);
    expect(of(() => 5)).toBeCloseTo(0);
    expect(of((size) => 100 + size)).toBeLessThan(1);
    expect(growthExponent([1], [1])).toBeNaN();
  });

  test('the page and the chart have a value for each size and subject', () => {
    const growth = {
      ...{ name: 'code', title: 'a < b', size: 'instructions', unit: 'seconds', runs: 3 },
      sizes: [10, 100],
      values: { run: [1, 2], recorded: [1, 20] },
    };
    const page = growthPage({ date: '2026-01-01', machine: {}, growths: [growth] });
    expect(page).toMatch(/\| 100 \| 2\.00 \| 20\.0 \|\n\| \*\*exponent\*\* \| 0\.301 \| 1\.30 \|/);
    const lines = [{ name: 'run', points: [10, 100].map((x) => ({ x, y: x })) }];
    const image = lineChart('a < b', { x: 'x', y: 'y' }, lines);
    expect(image).toContain('a &#60; b');
    const [, from, to] = /<polyline points="([^ ]+) ([^"]+)"/
      .exec(image)!
      .map((text) => text.split(',').map(Number));
    expect(to![0]! - from![0]!).toBeCloseTo(from![1]! - to![1]!, 0);
  });

  test('the guest of much code executes all of it as often as asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isochron-growth-'));
    const program = writeGuest(join(folder, 'code'), codeGuest(800, 4));
    const { status, stdout } = await isochron({ store: folder }, 'run', '--json', program);
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { icount: number }).icount).toBe(1 + 4 * (800 + 3) - 1 + 3);
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

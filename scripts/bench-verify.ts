/**
 * How fast campaigns are, in cases for each second of one core's time, and how that grows with processes:
 *
 *     npm run bench:verify [-- --rounds N] [--write]
 *
 * Every case of "engine ≡ golden" runs on the reference and on both tiers of the wasm engine. The first round warms up and
 * does not count. `--write` puts the figures into docs/reference/benchmarks/verification.md.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { VerifyRequest } from '../src/application/verification/verification.ts';
import { openIsochron } from '../src/composition-root.ts';
import { median } from './bench/statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, write: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`--rounds wants a positive whole number, not ${JSON.stringify(values.rounds)}`);
  process.exit(2);
}

interface Workload {
  readonly name: string;
  readonly request: VerifyRequest;
}
const workloads: readonly Workload[] = [
  { name: 'engine ≡ golden, single instructions', request: { cases: 512 } },
  { name: 'engine ≡ golden, blocks of up to 20', request: { cases: 192, blockLength: 20 } },
  {
    name: 'golden ≡ Unicorn, single instructions',
    request: { cases: 512, relation: 'oracle', oracle: 'unicorn' },
  },
];

const isochron = await openIsochron();
const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
const lines: string[] = [
  '| Campaign | cases per second of one core | least | most |',
  '| --- | --: | --: | --: |',
];
for (const { name, request } of workloads) {
  const rates: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const before = process.cpuUsage();
      const { state } = await isochron.verification.verify({ ...request, seed: String(round) });
      const { user, system } = process.cpuUsage(before);
      if (state.counterexamples.length > 0) throw new Error(`${name} is refuted: run isochron verify`);
      if (round > 0) rates.push(state.cases / ((user + system) / 1e6));
    }
  } catch (error) {
    if ((error as { code?: string }).code !== 'oracle-absent') throw error;
    console.log(`${name}: left out, because ${(error as Error).message}`);
    continue;
  }
  const line = `| ${name} | ${grouped(median(rates))} | ${grouped(Math.min(...rates))} | ${grouped(Math.max(...rates))} |`;
  console.log(line);
  lines.push(line);
}
await isochron.close();

/** Cases a second, by the clock, of one campaign worked at by so many processes. */
function rateOf(jobs: number): number {
  const main = fileURLToPath(new URL('../src/interfaces/cli/main.ts', import.meta.url));
  const began = performance.now();
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [main, 'verify', '--cases', '400', '--shards', '8', '--jobs', String(jobs), '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`verify --jobs ${jobs} ended with ${String(status)}: ${stderr}`);
  const { cases } = JSON.parse(stdout) as { readonly cases: number };
  return (cases / (performance.now() - began)) * 1000;
}

const growth: string[] = ['| Processes | × the rate of one |', '| --: | --: |'];
const alone = rateOf(1);
for (const jobs of [1, 2, 4].filter((each) => each === 1 || each <= availableParallelism())) {
  const line = `| ${jobs} | ${(jobs === 1 ? 1 : rateOf(jobs) / alone).toFixed(2)} |`;
  console.log(line);
  growth.push(line);
}

if (values.write)
  writeFileSync(
    fileURLToPath(new URL('../docs/reference/benchmarks/verification.md', import.meta.url)),
    `# Benchmark of verification

Written by \`npm run bench:verify -- --write\`, median of ${rounds} rounds, on ${cpus()[0]?.model ?? 'an unknown processor'} with Node ${process.versions.node}. A case of "engine ≡ golden" runs on the
reference and on both tiers of the wasm engine.

${lines.join('\n')}

One campaign of 8 shards, worked at by several processes (\`--jobs\`), by the clock, starting included:

${growth.join('\n')}
`,
  );

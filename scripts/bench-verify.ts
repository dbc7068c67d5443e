/**
 * How fast campaigns are, in cases for each second of one core's time, and how that grows with processes and shards:
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
import type { VerifyRequest } from '../src/application/verification/verification.ts';
import { openIsochron } from '../src/composition-root.ts';
import { median } from './bench/statistics.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions(import.meta.url, {
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
  '| Campaign | cases per second of one core | least | most | cores kept busy |',
  '| --- | --: | --: | --: | --: |',
];
for (const { name, request } of workloads) {
  const rates: number[] = [];
  const busy: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const [before, began] = [process.cpuUsage(), performance.now()];
      const { state } = await isochron.verification.verify({ ...request, seed: String(round) });
      const { user, system } = process.cpuUsage(before);
      if (state.counterexamples.length > 0) throw new Error(`${name} is refuted: run isochron verify`);
      if (round === 0) continue;
      rates.push(state.cases / ((user + system) / 1e6));
      busy.push((user + system) / 1000 / (performance.now() - began));
    }
  } catch (error) {
    if ((error as { code?: string }).code !== 'oracle-absent') throw error;
    console.log(`${name}: left out, because ${(error as Error).message}`);
    continue;
  }
  const line = `| ${name} | ${grouped(median(rates))} | ${grouped(Math.min(...rates))} | ${grouped(Math.max(...rates))} | ${median(busy).toFixed(2)} |`;
  console.log(line);
  lines.push(line);
}
await isochron.close();

const main = fileURLToPath(new URL('../src/interfaces/cli/main.ts', import.meta.url));

/** Cases a second, by the clock, of one campaign, starting included. */
function rateOf(cases: number, shards: number, jobs: number): number {
  const began = performance.now();
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [main, 'verify', '--cases', `${cases}`, '--shards', `${shards}`, '--jobs', `${jobs}`, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(`verify --jobs ${jobs} ended with ${String(status)}: ${stderr}`);
  const done = (JSON.parse(stdout) as { readonly cases: number }).cases;
  return (done / (performance.now() - began)) * 1000;
}

/** The rates of campaigns that take turns, so that what else the machine does concerns all of them. */
function ratesOf(
  campaigns: readonly (readonly [cases: number, shards: number, jobs: number])[],
): readonly number[] {
  const turns = Array.from({ length: Math.min(rounds, 3) }, () => campaigns.map((each) => rateOf(...each)));
  return campaigns.map((_, at) => median(turns.map((rates) => rates[at]!)));
}

/** Cases of each instruction in a shard. */
const perShard = 512;
const processes = [1, 2, 4, 8, 16].filter((each) => each === 1 || each <= availableParallelism());
const growth: string[] = [
  '| Cases of each instruction | Shards | Processes | cases per second | × one process |',
  '| --: | --: | --: | --: | --: |',
];
console.log(growth.join('\n'));
for (const shards of [2, 8]) {
  const jobs = processes.filter((each) => each <= shards);
  const rates = ratesOf(jobs.map((each) => [shards * perShard, shards, each] as const));
  for (const [at, rate] of rates.entries()) {
    const line = `| ${grouped(shards * perShard)} | ${shards} | ${jobs[at]!} | ${grouped(rate)} | ${(rate / rates[0]!).toFixed(2)} |`;
    console.log(line);
    growth.push(line);
  }
}

const cut: string[] = [
  '| Shards | Cases of each instruction in one | cases per second |',
  '| --: | --: | --: |',
];
console.log(cut.join('\n'));
const shardings = [4, 16, 64];
for (const [at, rate] of ratesOf(shardings.map((shards) => [4 * perShard, shards, 1] as const)).entries()) {
  const line = `| ${shardings[at]!} | ${(4 * perShard) / shardings[at]!} | ${grouped(rate)} |`;
  console.log(line);
  cut.push(line);
}

if (values.write)
  writeFileSync(
    fileURLToPath(new URL('../docs/reference/benchmarks/verification.md', import.meta.url)),
    `# Benchmark of verification

Written by \`npm run bench:verify -- --write\`, median of ${rounds} rounds, on ${cpus()[0]?.model ?? 'an unknown processor'} with Node ${process.versions.node}. A case of "engine ≡ golden" runs on the
reference and on both tiers of the wasm engine.

${lines.join('\n')}

## Growth with processes

One campaign worked at by several processes (\`--jobs\`) on ${availableParallelism()} cores, by the clock, starting included. One process alone keeps more
than one core busy at times: its host's compiler works beside it (the last column above). So as many processes as cores gain
less than their number, and nothing where the campaign is over before the code is warm.

${growth.join('\n')}

## Growth with shards

${grouped(4 * perShard)} cases of each instruction in one process, cut into more and more shards. Every shard begins with fresh machines and is led into
every class of encodings, so small ones spend their time on placing and translating code.

${cut.join('\n')}
`,
  );

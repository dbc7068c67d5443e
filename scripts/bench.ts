/**
 * The benchmark: `npm run bench -- [--runs N] [--seconds S] [--only a,b] [--out DIR] [--json]`.
 *
 * Builds the workloads, runs each natively, in qemu-riscv64 and in Isochron (plain, recorded, replayed), in turn on one core,
 * and writes a page, its figures and a chart. Checksums must be equal everywhere; times are asserted nowhere.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { barChart } from './bench/chart.ts';
import { type Measurement, measure } from './bench/measure.ts';
import { markdown, type Results, type Sample, speedUp, type WorkloadResult } from './bench/report.ts';
import { type Programs, type Subject, subjects } from './bench/subjects.ts';
import { build, compilers, exists, versionOf, type Workload, workloads } from './bench/workloads.ts';
import { scriptOptions } from './script-options.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage = `npm run bench -- [options]
  --runs N      paired runs of each workload (default 5)
  --seconds S   how long a native run is to last, about (default 1.5: the whole takes 45 minutes)
  --only A,B    these workloads: ${workloads.map(({ name }) => name).join(', ')}
  --out DIR     where the results go (default docs/reference/benchmarks)
  --json        print the figures as well
`;
const { values } = scriptOptions(
  import.meta.url,
  {
    options: {
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1.5' },
      only: { type: 'string' },
      out: { type: 'string', default: join(root, 'docs/reference/benchmarks') },
      json: { type: 'boolean', default: false },
    },
  },
  usage,
);
const complain = (text: string): never => {
  console.error(`bench: ${text}`);
  process.exit(2);
};
const runs = Number(values.runs);
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(runs) || runs < 1)
  complain(`--runs wants a positive whole number, not ${values.runs}`);
if (!(seconds > 0)) complain(`--seconds wants a positive number, not ${values.seconds}`);
const wanted = values.only?.split(',') ?? workloads.map(({ name }) => name);
for (const name of wanted)
  if (!workloads.some((workload) => workload.name === name))
    complain(`there is no workload ${name}\n${usage}`);
for (const { command, package: from } of Object.values(compilers))
  if (!exists(command)) complain(`${command} is missing; on Debian: apt-get install ${from}`);

const present = subjects.filter(({ name, needs }) => {
  if (needs === undefined || exists(needs)) return true;
  console.error(`bench: ${name} is left out: ${needs} is missing; on Debian: apt-get install qemu-user`);
  return false;
});
const pinned = exists('taskset') ? ['taskset', '-c', '0'] : [];
const scratch = mkdtempSync(join(tmpdir(), 'isochron-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
// The runs of one benchmark learn from each other only.
process.env['ISOCHRON_CACHE'] = join(scratch, 'cache');

async function runPair(
  programs: Programs,
  rounds: number,
  expected: string,
): Promise<Map<Subject, Measurement>> {
  const store = mkdtempSync(join(scratch, 'store-'));
  const taken = new Map<Subject, Measurement>();
  for (const subject of present) {
    const command = [...pinned, ...subject.command(programs, rounds, store)];
    const result = await measure(command, subject.environment);
    if (result.output !== expected)
      throw new Error(`${subject.name} printed ${result.output.trim()} instead of ${expected.trim()}`);
    taken.set(subject, result);
  }
  rmSync(store, { recursive: true, force: true });
  return taken;
}

/** Rounds, a multiple of four, that take the native program about as long as asked, without what it begins with. */
async function calibrate(program: string): Promise<number> {
  const cpuOf = async (rounds: number) => (await measure([program, String(rounds)])).cpu;
  let before = await cpuOf(1);
  for (let rounds = 4; ; rounds *= 4) {
    const cpu = await cpuOf(rounds);
    const each = (cpu - before) / (0.75 * rounds);
    if (cpu - before > seconds / 8) return Math.max(4, Math.round(seconds / each / 4) * 4);
    before = cpu;
  }
}

async function benchmark(workload: Workload): Promise<WorkloadResult> {
  const programs = {
    native: build(workload, 'native', scratch),
    riscv64: build(workload, 'riscv64', scratch),
  };
  const rounds = await calibrate(programs.native);
  const samples: Record<string, { long: number[]; short: number[]; peak: number[] }> = {};
  const expected = await Promise.all([rounds, rounds / 4].map((n) => measure([programs.native, String(n)])));
  for (let run = 0; run < runs; run++) {
    console.error(`${workload.name}: run ${run + 1} of ${runs}, ${rounds} rounds`);
    const long = await runPair(programs, rounds, expected[0]!.output);
    const short = await runPair(programs, rounds / 4, expected[1]!.output);
    for (const [subject, { cpu, peak }] of long) {
      const sample = (samples[subject.name] ??= { long: [], short: [], peak: [] });
      sample.long.push(cpu);
      sample.short.push(short.get(subject)!.cpu);
      sample.peak.push(peak);
    }
  }
  return { ...workload, rounds, samples: samples satisfies Record<string, Sample> };
}

/** A large program that does little: esbuild's riscv64 binary, where the test that fetches it has run. */
function esbuildCommands(): Record<string, readonly string[]> {
  const esbuild = join(root, 'node_modules/.cache/isochron-esbuild/0.28.2/linux-riscv64/package/bin/esbuild');
  if (!existsSync(esbuild)) {
    console.error('bench: esbuild is left out: `npm run test:unit -- esbuild` fetches it');
    return {};
  }
  return {
    'isochron run esbuild --version': [...isochron, 'run', esbuild, '--version'],
    ...(exists('qemu-riscv64')
      ? { 'qemu-riscv64 esbuild --version': ['qemu-riscv64', esbuild, '--version'] }
      : {}),
  };
}

const isochron = [process.execPath, join(root, 'bin/isochron.js')];

async function startUp(): Promise<Record<string, number[]>> {
  const hello = join(root, 'test/guests/bin/hello');
  const commands: Record<string, readonly string[]> = {
    'node -e 0': [process.execPath, '-e', '0'],
    'isochron run hello': [...isochron, 'run', hello],
    ...(exists('qemu-riscv64') ? { 'qemu-riscv64 hello': ['qemu-riscv64', hello] } : {}),
    ...esbuildCommands(),
  };
  const times: Record<string, number[]> = {};
  for (let run = 0; run < Math.max(10, runs); run++)
    for (const [name, command] of Object.entries(commands)) {
      (times[name] ??= []).push((await measure([...pinned, ...command])).cpu);
      if (!name.startsWith('isochron')) continue;
      // What an earlier run learned is not there.
      const first = await measure([...pinned, ...command], { ISOCHRON_CACHE: '' });
      (times[`${name}, as if never run`] ??= []).push(first.cpu);
    }
  return times;
}

function write(results: Results): void {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(values.out, 'README.md'), markdown(results));
  const bars = results.workloads.flatMap((result) => {
    const value = speedUp(result, 'wasm', 'qemu');
    return value ? [{ name: result.name, ...value, value: value.median }] : [];
  });
  writeFileSync(
    join(values.out, 'speed-up.svg'),
    barChart('Speed-up over qemu-riscv64, whole process', bars),
  );
}

const machine: Record<string, string> = {
  processor: cpus()[0]?.model ?? 'unknown',
  node: process.versions.node,
  V8: process.versions.v8,
  gcc: versionOf('gcc'),
  'cross compiler': versionOf(compilers.riscv64.command),
  ...(exists('qemu-riscv64') ? { qemu: versionOf('qemu-riscv64') } : {}),
  isochron: execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim(),
};
let results: Results = {
  date: new Date().toISOString().slice(0, 10),
  machine,
  runs,
  startUp: await startUp(),
  workloads: [],
};
for (const workload of workloads.filter(({ name }) => wanted.includes(name))) {
  results = { ...results, workloads: [...results.workloads, await benchmark(workload)] };
  // After each, so that an interruption loses nothing.
  write(results);
}
console.log(markdown(results));
if (values.json) console.log(JSON.stringify(results));

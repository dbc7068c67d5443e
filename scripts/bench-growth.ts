/**
 * How cost grows: `npm run bench:growth -- [--runs N] [--most N] [--only a,b] [--out DIR]`.
 *
 * Run time against guest instructions, against code size, and against the number of checkpoints, and peak memory against the memory that
 * a guest touches: of runs, recorded runs and replays, in turn on one core. Writes a page, its figures and a chart of each.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeGuest } from '../test/end-to-end/assembled-guest.ts';
import { codeGuest } from './bench/growth/code-guest.ts';
import { type Growth, growthPage, type GrowthResults } from './bench/growth/report.ts';
import { lineChart } from './bench/line-chart.ts';
import { type Measurement, measure } from './bench/measure.ts';
import { median } from './bench/statistics.ts';
import { build, compilers, exists } from './bench/workloads.ts';
import { scriptOptions } from './script-options.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = scriptOptions(import.meta.url, {
  options: {
    runs: { type: 'string', default: '3' },
    most: { type: 'string', default: '1e9' },
    only: { type: 'string', default: 'instructions,code,checkpoints,memory' },
    out: { type: 'string', default: join(root, 'docs/reference/benchmarks') },
  },
});
const [runs, most] = [Number(values.runs), Number(values.most)];
const complain = (text: string): never => {
  console.error(`bench:growth: ${text}`);
  process.exit(2);
};
if (!Number.isSafeInteger(runs) || runs < 1)
  complain(`--runs wants a positive whole number, not ${values.runs}`);
if (!(most >= 1e7)) complain(`--most wants instructions, 1e7 at least, not ${values.most}`);
if (!exists(compilers.riscv64.command))
  complain(
    `${compilers.riscv64.command} is missing; on Debian: apt-get install ${compilers.riscv64.package}`,
  );

const pinned = exists('taskset') ? ['taskset', '-c', '0'] : [];
const scratch = mkdtempSync(join(tmpdir(), 'isochron-growth-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
// What other programs left in the user's cache would count, too: it holds only so much.
process.env['ISOCHRON_CACHE'] = join(scratch, 'cache');
const cli = (...words: string[]) => [...pinned, process.execPath, join(root, 'bin/isochron.js'), ...words];
const [store, otherStore] = [join(scratch, 'store'), join(scratch, 'other')];
const emptied = () => {
  for (const directory of [store, otherStore]) rmSync(directory, { recursive: true, force: true });
};

type Subjects = Readonly<Record<string, readonly string[]>>;
const runRecordReplay = (program: string, argument: string): Subjects => ({
  run: cli('run', program, argument),
  recorded: cli('run', '--store', store, '--record', 'it', program, argument),
  replayed: cli('replay', 'it', '--store', store),
});

/** Records with checkpoints so many instructions apart at least; prints how many there are. */
const checkpointing = (directory: string, interval: number, program: string, argument: string) => [
  ...[...pinned, process.execPath, join(root, 'scripts/bench/growth/record.ts')],
  ...[directory, String(interval), program, argument],
];

/** Measures the subjects for each size, in turn; `valueOf` picks the figure. */
async function grow(
  growth: Omit<Growth, 'values' | 'runs'>,
  subjectsOf: (size: number) => Subjects,
  valueOf: (measurement: Measurement) => number,
): Promise<Growth> {
  const samples: Record<string, number[][]> = {};
  for (const [index, size] of growth.sizes.entries()) {
    const subjects = subjectsOf(size);
    for (let run = 0; run < runs; run++) {
      console.error(`${growth.name}: ${size} ${growth.size}, run ${run + 1} of ${runs}`);
      emptied();
      for (const [name, command] of Object.entries(subjects))
        ((samples[name] ??= [])[index] ??= []).push(valueOf(await measure(command)));
    }
  }
  const medians = Object.entries(samples).map(([name, taken]) => [name, taken.map(median)] as const);
  return { ...growth, runs, values: Object.fromEntries(medians) };
}

const cpu = ({ cpu: seconds }: Measurement) => seconds;
const core = build({ name: 'core', kind: 'integer' }, 'riscv64', scratch);
/** Instructions that `core` retires for so many rounds. */
async function retired(rounds: number): Promise<number> {
  const { output } = await measure(cli('run', '--json', core, String(rounds)));
  return (JSON.parse(output) as { icount: number }).icount;
}

const growths: Readonly<Record<string, () => Promise<Growth>>> = {
  async instructions() {
    const [few, many] = [await retired(4), await retired(12)];
    const rounds = (size: number) => Math.max(1, Math.round((size - few) / ((many - few) / 8)) + 4);
    const sizes: number[] = [];
    for (let size = 1e7; size <= most * 1.001; size *= 10 ** 0.5) sizes.push(Math.round(size));
    return grow(
      {
        name: 'instructions',
        title: 'CPU time against guest instructions',
        size: 'instructions',
        unit: 'CPU seconds',
        sizes,
      },
      (size) => runRecordReplay(core, String(rounds(size))),
      cpu,
    );
  },

  code: () =>
    grow(
      {
        name: 'code',
        title: 'CPU time against code size',
        size: 'instructions of code',
        unit: 'CPU seconds, each instruction executed 4 times',
        sizes: [6_250, 12_500, 25_000, 50_000, 100_000, 200_000],
      },
      (size) => runRecordReplay(writeGuest(join(scratch, `code-${size}`), codeGuest(size, 4)), ''),
      cpu,
    ),

  async checkpoints() {
    const rounds = '400';
    const record = (interval: number) => checkpointing(store, interval, core, rounds);
    const counted: [number, number][] = [];
    for (let interval = 2 ** 24; interval >= 2 ** 12; interval /= 16) {
      emptied();
      counted.push([Number((await measure(record(interval))).output), interval]);
    }
    const intervals = new Map(counted);
    return grow(
      {
        name: 'checkpoints',
        title: 'CPU time against the number of checkpoints',
        size: 'checkpoints',
        unit: 'CPU seconds, of one and the same run',
        sizes: [...intervals.keys()],
      },
      (size) => ({
        recorded: record(intervals.get(size)!),
        replayed: cli('replay', 'it', '--store', store, '--verify'),
      }),
      cpu,
    );
  },

  memory() {
    const program = join(scratch, 'touch');
    const { command, flags } = compilers.riscv64;
    execFileSync(command, [...flags, '-o', program, join(root, 'scripts/bench/growth/touch.c')]);
    return grow(
      {
        name: 'memory',
        title: 'Peak memory against the memory that a guest touches',
        size: 'MiB touched',
        unit: 'MiB resident',
        note: 'Recorded as ever, none of these guests runs for so long that all of its memory pays for a checkpoint: `checkpointed` has such checkpoints nevertheless.',
        sizes: [16, 64, 256, 1024],
      },
      (size) => ({
        ...runRecordReplay(program, String(size)),
        checkpointed: checkpointing(otherStore, 2 ** 13, program, String(size)),
      }),
      ({ peak }) => peak,
    );
  },
};

function write(results: GrowthResults): void {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'growth.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(values.out, 'growth.md'), growthPage(results));
  for (const { name, title, size, unit, sizes, values: by } of results.growths) {
    const lines = Object.entries(by).map(([subject, of]) => ({
      name: subject,
      points: sizes.map((x, index) => ({ x, y: of[index]! })),
    }));
    writeFileSync(join(values.out, `growth-${name}.svg`), lineChart(title, { x: size, y: unit }, lines));
  }
}

const wanted = values.only.split(',');
for (const name of wanted)
  if (!(name in growths))
    complain(`there is no growth ${name}; choose of ${Object.keys(growths).join(', ')}`);
let results: GrowthResults = {
  date: new Date().toISOString().slice(0, 10),
  machine: { processor: cpus()[0]?.model ?? 'unknown', node: process.versions.node, V8: process.versions.v8 },
  growths: [],
};
for (const name of wanted) {
  results = { ...results, growths: [...results.growths, await growths[name]!()] };
  // After each, so that an interruption loses nothing.
  write(results);
}
console.log(growthPage(results));

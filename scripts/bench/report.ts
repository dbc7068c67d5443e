import { geometricMean, median, type Ratio, ratio } from './statistics.ts';

/** The samples of one workload: CPU seconds of whole runs, long and short, by subject, in pairs. */
export interface WorkloadResult {
  readonly name: string;
  readonly kind: 'integer' | 'float';
  readonly rounds: number;
  readonly samples: Readonly<Record<string, Sample>>;
}
export interface Sample {
  readonly long: readonly number[];
  readonly short: readonly number[];
  /** MiB, of the long runs. */
  readonly peak: readonly number[];
}

export interface Results {
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly startUp: Readonly<Record<string, readonly number[]>>;
  readonly workloads: readonly WorkloadResult[];
}

/** How much faster than `peer` a subject is: CPU time of the peer over its own, whole process. */
export function speedUp(result: WorkloadResult, subject: string, peer: string): Ratio | undefined {
  const [own, other] = [result.samples[subject], result.samples[peer]];
  return own && other && ratio(other.long, own.long);
}

/** The same in steady state: of the difference between long and short runs. */
export function steadySpeedUp(result: WorkloadResult, subject: string, peer: string): Ratio | undefined {
  const [own, other] = [result.samples[subject], result.samples[peer]];
  const steady = ({ long, short }: Sample) => long.map((time, index) => time - short[index]!);
  return own && other && ratio(steady(other), steady(own));
}

const number = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : '–');
const cell = (value: Ratio | undefined) =>
  value ? `${number(value.median)} (${number(value.least)}–${number(value.most)})` : '–';

const columns: readonly (readonly [title: string, of: (result: WorkloadResult) => Ratio | undefined])[] = [
  ['wasm / qemu', (result) => speedUp(result, 'wasm', 'qemu')],
  ['first run / qemu', (result) => speedUp(result, 'wasm, first run', 'qemu')],
  ['steady wasm / qemu', (result) => steadySpeedUp(result, 'wasm', 'qemu')],
  ['steady wasm / native', (result) => steadySpeedUp(result, 'wasm', 'native')],
  ['recorded / wasm', (result) => speedUp(result, 'wasm', 'recorded')],
  ['steady recorded / wasm', (result) => steadySpeedUp(result, 'wasm', 'recorded')],
  ['steady replayed / wasm', (result) => steadySpeedUp(result, 'wasm', 'replayed')],
];

const largest = (result: WorkloadResult, subject: string): number =>
  Math.max(0, ...(result.samples[subject]?.peak ?? []));

/** Peak memory of each workload; what the native program takes stands for the memory that the guest touches. */
function memoryTable(results: Results): string {
  const subjects = ['native', 'wasm', 'recorded', 'replayed'];
  const rows = results.workloads.map((result) => {
    const peaks = subjects.map((subject) => largest(result, subject));
    return [result.name, ...peaks.map(number), number(Math.max(...peaks.slice(1)) - peaks[0]!)];
  });
  return table(['workload', ...subjects, 'most above native'], rows);
}

/** The results as a page. */
export function markdown(results: Results): string {
  const rows = results.workloads.map((result) => [
    result.name,
    result.kind,
    ...columns.map(([, of]) => cell(of(result))),
    number(largest(result, 'wasm')),
  ]);
  const means = (['integer', 'float'] as const).flatMap((kind) => {
    const own = results.workloads.filter((result) => result.kind === kind);
    if (own.length === 0) return [];
    const mean = ([, of]: (typeof columns)[number]) => {
      const medians = own.flatMap((result) => of(result)?.median ?? []);
      return medians.length === 0 ? '–' : number(geometricMean(medians));
    };
    return [['**geometric mean**', kind, ...columns.map(mean), '']];
  });
  const titles = ['workload', 'kind', ...columns.map(([title]) => title), 'peak MiB'];
  const startUp = Object.entries(results.startUp).map(([name, times]) => [
    name,
    number(1000 * Math.min(...times)),
    number(1000 * median(times)),
  ]);
  return [
    '# Benchmark results',
    'Made by `npm run bench`. Medians of paired runs (least to most) of CPU time, user and system, of whole processes on one core.',
    '`wasm / qemu` is how many times as fast as qemu Isochron is: above 1 is faster. `recorded / wasm` is how many times as long a recorded run takes: above 1 is slower.',
    'Runs of a workload but the first begin with the translated code that those before have kept; `first run` is without that.',
    'Steady state is the difference between a run and one of a quarter of its rounds.',
    `![Speed-up over qemu-riscv64](speed-up.svg)`,
    table(titles, [...rows, ...means]),
    '## Memory',
    'Peak resident MiB of a whole process. The aim is at most 400 more than the guest touches, for which the native program’s peak stands here; [how cost grows](growth.md) has guests that touch up to 1 GiB.',
    memoryTable(results),
    '## Start-up',
    'CPU milliseconds of a whole process. Runs of Isochron but the first find what earlier ones learned of encodings; “as if never run” is without that.',
    table(['process', 'least', 'median'], startUp),
    '## Machine',
    table(
      ['what', 'which'],
      [...Object.entries(results.machine), ['date', results.date], ['paired runs', String(results.runs)]],
    ),
    '',
  ].join('\n\n');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...[titles, ...rows].map((row) => row[column]!.length));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(width(column))).join(' | ')} |`;
  return [line(titles), line(titles.map((_, column) => '-'.repeat(width(column)))), ...rows.map(line)].join(
    '\n',
  );
}

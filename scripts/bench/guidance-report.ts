import type { Accuracy } from '../../src/application/guidance/guidance.ts';
import type { AheadTime } from './ahead-times.ts';
import type { GuidedRun } from './guided-run.ts';
import { geometricMean, median, type Ratio, ratio } from './statistics.ts';
import { stages, type StageTimes } from './translation-stages.ts';

/** The runs of one program, in pairs: the n-th of each policy were made one after another. */
export interface GuidanceResult {
  readonly program: string;
  readonly runs: Readonly<Record<string, readonly GuidedRun[]>>;
}

export interface GuidanceResults {
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly pairs: number;
  /** Translating the hot blocks of each program ahead, divided in several ways. */
  readonly ahead: Readonly<Record<string, readonly AheadTime[]>>;
  /** Of the regions at the hot blocks of each program. */
  readonly stages: Readonly<Record<string, StageTimes>>;
  /** How often models are right about the samples of programs that they were not trained from. */
  readonly accuracy: Accuracy;
  /** The policies by name, the one that others are compared with first, and what each is. */
  readonly policies: readonly (readonly [name: string, meaning: string])[];
  readonly results: readonly GuidanceResult[];
}

const cpuOf = (runs: readonly GuidedRun[] | undefined): readonly number[] =>
  runs?.map(({ cpu }) => cpu) ?? [];

/** CPU time under a policy over that under the base; below 1 is faster. */
export const costRatio = ({ runs }: GuidanceResult, policy: string, base: string): Ratio =>
  ratio(cpuOf(runs[policy]), cpuOf(runs[base]));

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const cell = ({ median: middle, least, most }: Ratio): string =>
  `${middle.toFixed(3)} (${least.toFixed(2)}–${most.toFixed(2)})`;

const of = (runs: readonly GuidedRun[] | undefined, pick: (run: GuidedRun) => number): number =>
  median((runs ?? []).map(pick));

/** The geometric mean of a policy's median ratios. */
export function meanRatio({ policies, results }: GuidanceResults, policy: string): number {
  const base = policies[0]![0];
  return geometricMean(results.map((result) => costRatio(result, policy, base).median));
}

/** The results as a page. */
export function guidanceMarkdown(all: GuidanceResults): string {
  const { policies, results } = all;
  const [[base]] = policies as readonly [readonly [string, string]];
  const others = policies.slice(1).map(([name]) => name);
  const ranked = policies
    .map(([name]) => ({ name, mean: meanRatio(all, name) }))
    .sort((a, b) => a.mean - b.mean);
  return [
    '# Guidance compared',
    'Made by `npm run bench:guidance`. CPU time, user and system, of all threads, from the loading of a program to its end, under each policy ' +
      `over that under \`${base}\` in the same pair: medians (least to most). Below 1 is faster.`,
    'Profiles were taken from recordings of the same program with other, smaller input; a model was trained from the profiles of all programs but the one it was tried on.',
    table(
      ['policy', 'what it is'],
      policies.map(([name, meaning]) => [name, meaning]),
    ),
    table(
      ['program', `CPU s, ${base}`, ...others],
      [
        ...results.map((result) => [
          result.program,
          of(result.runs[base], ({ cpu }) => cpu).toFixed(2),
          ...others.map((name) => cell(costRatio(result, name, base))),
        ]),
        ['**geometric mean**', '', ...others.map((name) => meanRatio(all, name).toFixed(3))],
      ],
    ),
    `From least to most cost: ${ranked.map(({ name, mean }) => `${name} (${mean.toFixed(3)})`).join(', ')}.`,
    `Models are right about ${percent(all.accuracy.crossValidated ?? 0)} of the samples of programs that they were not trained from; saying “it will not pay” of every block is right about ${percent(all.accuracy.baseline)}.`,
    '## Regions translated, and taken over',
    table(
      ['program', 'instructions', ...policies.map(([name]) => name)],
      results.map((result) => [
        result.program,
        of(result.runs[base], ({ icount }) => icount).toLocaleString('en-US'),
        ...policies.map(([name]) => regionsOf(result.runs[name])),
      ]),
    ),
    '## Time of a translation',
    `Wall-clock milliseconds under \`${base}\`: of a region, what the guest waits for at once; p99 to 9 %. Cold code: all blocks of the run together.`,
    table(
      ['program', 'region, mean', 'region, p99', 'regions, all', 'cold code, all'],
      results.map(({ program, runs }) => [
        program,
        of(runs[base], ({ translation }) => translation.mean).toFixed(2),
        of(runs[base], ({ translation }) => translation.p99).toFixed(2),
        of(runs[base], ({ translation }) => translation.total).toFixed(1),
        of(runs[base], ({ coldTotal }) => coldTotal).toFixed(1),
      ]),
    ),
    'Milliseconds of each stage, mean and p99, for the regions at the hot blocks of a program. V8 compiles a function at its first call, and optimises it in threads of its own.',
    table(
      ['program', ...stages],
      Object.entries(all.stages).map(([program, times]) => [
        program,
        ...stages.map((stage) => `${times[stage].mean.toFixed(2)}, ${times[stage].p99.toFixed(2)}`),
      ]),
    ),
    '## Translation ahead',
    'Seconds, CPU of all threads and wall clock, that translating and optimising the hot blocks of a program takes, by the threads that work at once and the regions that each is given at a time. Starting a thread, which loads the translator, is part of it.',
    table(
      ['program', 'regions', ...divisionsOf(all).map(({ jobs, chunk }) => `${jobs} × ${chunk}`)],
      Object.entries(all.ahead).map(([program, times]) => [
        program,
        String(times[0]!.regions),
        ...times.map(({ cpu, wall }) => `${cpu.toFixed(2)}, ${wall.toFixed(2)}`),
      ]),
    ),
    '## Machine',
    table(
      ['what', 'which'],
      [...Object.entries(all.machine), ['date', all.date], ['pairs', String(all.pairs)]],
    ),
    '',
  ].join('\n\n');
}

const divisionsOf = ({ ahead }: GuidanceResults): readonly AheadTime[] => Object.values(ahead)[0] ?? [];

function regionsOf(runs: readonly GuidedRun[] | undefined): string {
  const [translated, restored] = [of(runs, ({ regions }) => regions), of(runs, (run) => run.restored)];
  return restored === 0 ? String(translated) : `${translated} + ${restored}`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...[titles, ...rows].map((row) => row[column]!.length));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(width(column))).join(' | ')} |`;
  return [line(titles), line(titles.map((_, column) => '-'.repeat(width(column)))), ...rows.map(line)].join(
    '\n',
  );
}

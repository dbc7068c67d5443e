/** How a cost grows: its values for ever larger sizes, by subject. */
export interface Growth {
  readonly name: string;
  readonly title: string;
  /** What the sizes count, and what the values are in. */
  readonly size: string;
  readonly unit: string;
  /** What a reader should know of the subjects. */
  readonly note?: string;
  /** Each value is the median of `runs`. */
  readonly runs: number;
  readonly sizes: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/**
 * The exponent of growth over the larger half of the sizes: the slope of the logarithms between the middle size and the last. 1 is
 * linear, less is better. NaN for fewer than two sizes.
 */
export function growthExponent(sizes: readonly number[], values: readonly number[]): number {
  const middle = Math.floor((sizes.length - 1) / 2);
  const last = sizes.length - 1;
  return Math.log(values[last]! / values[middle]!) / Math.log(sizes[last]! / sizes[middle]!);
}

const number = (value: number): string =>
  !Number.isFinite(value) ? '–' : Math.abs(value) >= 1000 ? value.toExponential(2) : value.toPrecision(3);

function section({ name, title, size, unit, note, runs, sizes, values }: Growth): string {
  const subjects = Object.keys(values);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = sizes.map((at, index) =>
    row([at.toLocaleString('en'), ...subjects.map((subject) => number(values[subject]![index]!))]),
  );
  const exponents = row([
    '**exponent**',
    ...subjects.map((subject) => number(growthExponent(sizes, values[subject]!))),
  ]);
  return [
    `## ${title}`,
    `${unit}, medians of ${runs}.${note === undefined ? '' : ` ${note}`}`,
    `![${title}](growth-${name}.svg)`,
    [
      row([size, ...subjects]),
      row(['-', ...subjects].map((text) => '-'.repeat(Math.max(3, text.length)))),
      ...rows,
      exponents,
    ].join('\n'),
  ].join('\n\n');
}

export interface GrowthResults {
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly growths: readonly Growth[];
}

/** The results as a page. */
export const growthPage = ({ date, machine, growths }: GrowthResults): string =>
  [
    '# How cost grows',
    'Made by `npm run bench:growth`. Whole processes, in turn on one core; their start is part of each value.',
    'The exponent of a column is that of its growth over the larger half of the sizes: 1 is linear, less is better.',
    ...growths.map(section),
    '## Machine',
    [
      '| what | which |',
      '| --- | --- |',
      ...Object.entries({ ...machine, date }).map(([what, which]) => `| ${what} | ${which} |`),
    ].join('\n'),
    '',
  ].join('\n\n');

/** A line of a chart: points in the order of `x`, both above 0. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const colours = ['#2c7fb8', '#d95f0e', '#31a354', '#756bb1'];
const escaped = (text: string) => text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Lines over logarithmic axes as an SVG image; equal steps on both, so that linear growth rises at 45°. */
export function lineChart(
  title: string,
  axes: { readonly x: string; readonly y: string },
  lines: readonly Line[],
): string {
  const points = lines.flatMap(({ points: own }) => own).filter(({ x, y }) => x > 0 && y > 0);
  const range = (values: readonly number[]) => ({
    first: Math.floor(Math.log10(Math.min(...values))),
    last: Math.ceil(Math.log10(Math.max(...values))),
  });
  const [xs, ys] = [range(points.map(({ x }) => x)), range(points.map(({ y }) => y))];
  const decade = Math.min(420 / Math.max(1, xs.last - xs.first), 300 / Math.max(1, ys.last - ys.first));
  const [left, top] = [70, 40];
  const [width, height] = [decade * (xs.last - xs.first), decade * (ys.last - ys.first)];
  const x = (value: number) => (left + decade * (Math.log10(value) - xs.first)).toFixed(1);
  const y = (value: number) => (top + height - decade * (Math.log10(value) - ys.first)).toFixed(1);
  const decades = ({ first, last }: { first: number; last: number }) =>
    Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const label = (value: number) => (value >= 1e4 || value < 1e-2 ? value.toExponential(0) : String(value));
  const grid = [
    ...decades(xs).flatMap((value) => [
      `<line x1="${x(value)}" y1="${top}" x2="${x(value)}" y2="${top + height}" stroke="#ddd"/>`,
      `<text x="${x(value)}" y="${top + height + 16}" text-anchor="middle">${label(value)}</text>`,
    ]),
    ...decades(ys).flatMap((value) => [
      `<line x1="${left}" y1="${y(value)}" x2="${left + width}" y2="${y(value)}" stroke="#ddd"/>`,
      `<text x="${left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${label(value)}</text>`,
    ]),
  ];
  const drawn = lines.flatMap(({ name, points: own }, index) => {
    const colour = colours[index % colours.length]!;
    const path = own
      .filter((point) => point.x > 0 && point.y > 0)
      .map((point) => `${x(point.x)},${y(point.y)}`);
    return [
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${left + width + 12}" y="${top + 14 + 18 * index}" fill="${colour}">${escaped(name)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(left + width + 140)}" height="${Math.round(top + height + 48)}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${left}" y="22" font-size="14">${escaped(title)}</text>`,
    ...grid,
    ...drawn,
    `<text x="${left + width / 2}" y="${top + height + 36}" text-anchor="middle">${escaped(axes.x)}</text>`,
    `<text x="12" y="${top - 10}">${escaped(axes.y)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

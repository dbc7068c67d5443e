/** A bar of a chart: its name and value, and the spread of the value. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

const escaped = (text: string) => text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Horizontal bars with their spread as an SVG image, and a line at 1. Widths in user units (pixels). */
export function barChart(title: string, bars: readonly Bar[]): string {
  const [left, right, row, top] = [110, 60, 26, 40];
  const width = 640;
  const height = top + bars.length * row + 16;
  const longest = Math.max(1, ...bars.map(({ most }) => most)) * 1.02;
  const x = (value: number) => (left + ((width - left - right) * value) / longest).toFixed(1);
  const drawn = bars.map(({ name, value, least, most }, index) => {
    const y = top + index * row;
    const middle = y + row / 2 - 3;
    return [
      `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${(Number(x(value)) - left).toFixed(1)}" height="${row - 6}" fill="${value >= 1 ? '#2c7fb8' : '#9e9e9e'}"/>`,
      `<line x1="${x(least)}" y1="${middle}" x2="${x(most)}" y2="${middle}" stroke="#222"/>`,
      `<text x="${Number(x(Math.max(value, most))) + 6}" y="${middle + 4}">${value.toFixed(2)}</text>`,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${left}" y="22" font-size="14">${escaped(title)}</text>`,
    ...drawn,
    `<line x1="${x(1)}" y1="${top - 6}" x2="${x(1)}" y2="${height - 10}" stroke="#c00" stroke-dasharray="4 3"/>`,
    '</svg>',
    '',
  ].join('\n');
}

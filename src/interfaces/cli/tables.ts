/** Plain-text layout: aligned columns and readable numbers. */

/** Lines of aligned columns; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]! + gap)))
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Blocks of text next to each other, each under its title. */
export function sideBySide(
  blocks: readonly { readonly title: string; readonly text: string }[],
  gap = 3,
): string {
  const lines = blocks.map(({ title, text }) => [title, '-'.repeat(title.length), ...text.split('\n')]);
  const height = Math.max(...lines.map((block) => block.length));
  return columns(
    Array.from({ length: height }, (_, row) => lines.map((block) => block[row] ?? '')),
    gap,
  );
}

/** `1234567` as `1.23 M`: three significant digits. */
export function quantity(value: number): string {
  for (const [unit, scale] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (value >= scale) return `${(value / scale).toPrecision(3)} ${unit}`;
  return String(Math.round(value));
}

/** A count, `1234567` as `1,234,567`. `toLocaleString` loads what V8 knows of languages for that: 20 ms of a process. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** A size in bytes with a binary unit. */
export function bytesText(value: number): string {
  for (const [unit, scale] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const)
    if (value >= scale) return `${(value / scale).toPrecision(3)} ${unit}`;
  return `${value} bytes`;
}

export const plural = (count: number, noun: string): string =>
  `${grouped(count)} ${count === 1 || noun.endsWith('y') ? noun : `${noun}${noun.endsWith('s') ? 'es' : 's'}`}`;

/** Sixteen bytes a line: address, hexadecimal, ASCII. */
export function hexDump(bytes: Uint8Array, address: bigint): string {
  const rows: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const part = bytes.subarray(offset, offset + 16);
    const digits = Array.from(part, (byte) => byte.toString(16).padStart(2, '0'));
    const ascii = Array.from(part, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.',
    ).join('');
    const spaced = `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`.padEnd(49);
    rows.push(`${(address + BigInt(offset)).toString(16).padStart(16, '0')}  ${spaced}  |${ascii}|\n`);
  }
  return rows.join('');
}

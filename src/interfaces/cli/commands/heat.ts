import { heatOf, type PageHeat } from '../../../application/effects/heat.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import { choice, count } from '../option-values.ts';
import { reportIndexDamage } from '../places.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns, grouped } from '../tables.ts';
import { CommandFailure, UsageError } from '../usage-error.ts';

const kinds = { reads: 'read', writes: 'write', executed: 'execute' } as const;
const [standardTop, standardColumns] = [20, 40];
const shades = [' ', '░', '▒', '▓', '█'] as const;

export const heat = command({
  name: 'heat',
  summary: 'show which memory a recording uses, and when',
  operands: [recordingOperand],
  options: {
    by: choice('USE', ['writes', 'reads', 'executed'], 'what counts as use', { fallback: 'writes' }),
    top: count('N', 'show the N pages used most', { fallback: String(standardTop) }),
    columns: count('N', 'divide the recording into N intervals', { fallback: String(standardColumns) }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'A map of the index: a line for each page of 4 KiB, the one used most first, a column for each interval of the recording, darker where more of the page is used. Use is counted in places (8 bytes of memory, instructions of code) that are used at least once in a slice of about a million instructions, summed over slices; how often one is used within a slice is not known.',
    'It needs the index that `isochron index` makes, and replays nothing.',
  ],
  examples: [
    { command: 'isochron heat first', says: 'the pages that are written most' },
    { command: 'isochron heat first --by executed --top 5', says: 'where the code is that runs' },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording] = operands as [string];
    const intervals = options.columns ?? standardColumns;
    if (intervals < 1 || intervals > 1000)
      throw new UsageError(`${intervals} columns cannot be shown`, 'give 1 to 1000');
    const isochron = await open();
    const session = await isochron.travel({ recording });
    if (!session.effects.exists) {
      reportIndexDamage(session, terminal);
      throw new CommandFailure(
        'no-index',
        `${recording} has no index`,
        '',
        `make one with \`isochron index ${recording}\``,
      );
    }
    const { bounds, pages } = await heatOf(session.effects, Math.max(1, session.last), intervals);
    reportIndexDamage(session, terminal);
    const shown = pages[kinds[options.by ?? 'writes']].slice(0, options.top ?? standardTop);
    const symbols = await session.symbols();
    const located = shown.map((heated) => {
      const address = BigInt(heated.page) * BigInt(pageSize);
      return { address, symbol: symbols.describe(address), ...heated };
    });
    if (options.json) terminal.write('stdout', toJson({ bounds, pages: located }));
    else
      terminal.write(
        'stdout',
        columns([
          ['page', 'places', 'slices', `instructions 0 to ${grouped(session.last)}`, ''],
          ...located.map(({ address, symbol, ...heated }) => [
            `0x${address.toString(16)}`,
            grouped(heated.total),
            grouped(heated.slices),
            `│${shadesOf(heated, shown)}│`,
            symbol ?? '',
          ]),
        ]),
      );
    return exitStatus.success;
  },
});

/** A character for each interval, on one scale for all pages. */
function shadesOf({ over }: PageHeat, all: readonly PageHeat[]): string {
  const most = Math.max(1, ...all.flatMap((page) => page.over));
  const darkest = shades.length - 1;
  return over.map((use) => shades[Math.ceil((use / most) * darkest)]!).join('');
}

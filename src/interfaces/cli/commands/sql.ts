import type { SqlValue } from '../../../application/ports/sql-database.ts';
import { registerName } from '../../register-names.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { instantIn, parseInstantWord } from '../instants.ts';
import { toJson } from '../json.ts';
import { count, parseRange, single } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { jsonOption, recordingOperand, storeOption } from '../shared-options.ts';
import { columns } from '../tables.ts';

const standardLimit = 1000;

export const sql = command({
  name: 'sql',
  summary: 'ask a recording in SQL',
  operands: [recordingOperand, { name: 'QUERY', summary: 'one query, in the SQL of DuckDB', required: true }],
  options: {
    from: single('INSTANT', 'the tables begin here', parseInstantWord, { fallback: 'the beginning' }),
    to: single('INSTANT', 'they end before this instant', parseInstantWord, {
      fallback: 'the recording’s end',
    }),
    memory: single('ADDR[:LEN]', 'of memory accesses, those to any of these bytes', parseRange),
    limit: count('N', 'without --json, print at most so many rows', { fallback: String(standardLimit) }),
    ...jsonOption,
    ...storeOption,
  },
  description: [
    'The tables are effects (as `isochron export` writes them) and its parts: instructions, register_reads, register_writes, reads and writes (of memory), syscalls, signals, switches; symbols of the program; and slices, which is the index: which bytes were read, written and executed in which slice of the recording. Only those that the query reads are made, for the range that is given, each time: syscalls, signals, switches, symbols and slices at full speed, the others instruction by instruction. With an index, --memory replays only the parts in which there is such an access, where nothing else is asked for.',
    "Unsigned 64-bit numbers, such as addresses and values, are printed in hexadecimal, and written in quotes: address = '0x12340'. With --json, each row is a line.",
    'It needs DuckDB: `npm install @duckdb/node-api`, once. The folder for temporary files has to have room for the tables.',
  ],
  examples: [
    {
      command: 'isochron sql first "SELECT name, count(*) FROM syscalls GROUP BY name ORDER BY 2 DESC"',
      says: 'how often each system call is made',
    },
    {
      command: 'isochron sql first "SELECT symbol, sum(size) FROM writes GROUP BY ALL" --to 1M',
      says: 'who writes how much, in the first million instructions',
    },
  ],
  async run({ options, operands, terminal, open }) {
    const [recording, query] = operands as [string, string];
    const isochron = await open();
    const progress = new ProgressLine(terminal, `tracing ${recording}`);
    const at = (word: string | undefined) => (word === undefined ? undefined : instantIn(word, recording));
    const request = {
      recording,
      query,
      from: at(options.from),
      to: at(options.to),
      memory: options.memory,
      registerNames: registerName,
      signal: terminal.interruption,
      onProgress: progress.show,
    };
    const limit = options.limit ?? standardLimit;
    try {
      await isochron.sql(request, async ({ columns: names, rows }) => {
        progress.clear();
        const shown: string[][] = [];
        let more = false;
        for await (const portion of rows)
          for (const row of portion) {
            if (options.json)
              terminal.write('stdout', toJson(Object.fromEntries(names.map((name, at) => [name, row[at]]))));
            else if (shown.length < limit) shown.push(row.map(cellText));
            else more = true;
            if (more) break;
          }
        if (!options.json) terminal.write('stdout', columns([[...names], ...shown]));
        if (more) terminal.write('stderr', `isochron: there are more than ${limit} rows; see --limit\n`);
      });
    } finally {
      progress.clear();
    }
    return exitStatus.success;
  },
});

function cellText(value: SqlValue): string {
  if (value === null) return '';
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

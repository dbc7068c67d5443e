import { EffectsIndex } from '../effects/effects-index.ts';
import { effectKinds as indexedUses } from '../effects/chunk-format.ts';
import { programSymbols } from '../inspection/program-symbols.ts';
import type { DataColumn, DataFiles, DataValue } from '../ports/data-files.ts';
import { codeUnit, granuleSize } from '../ports/effects.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { type OpenSqlDatabase, QueryError, type SqlDatabase, type SqlResult } from '../ports/sql-database.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { Stores } from '../recording/journal.ts';
import type { RegisterNames } from './effect-table.ts';
import { exportEffects } from './export-effects.ts';
import { effectViews, sliceColumns, sqlTables, symbolColumns } from './sql-tables.ts';
import type { TraceParts } from './trace-effects.ts';
import type { TraceRequest } from './trace-request.ts';

export interface QueryRequest extends Omit<TraceRequest, 'kinds'> {
  readonly query: string;
  readonly registerNames?: RegisterNames | undefined;
}

export interface QueryParts extends TraceParts {
  readonly files: DataFiles;
  readonly openSql: OpenSqlDatabase;
}

/**
 * Answers a query over the tables of a recording, of which those are made that it reads; `answer` is given the result while it can be
 * read. Rejects with QueryError, and as `exportEffects` does.
 */
export async function queryEffects(
  request: QueryRequest,
  answer: (result: SqlResult) => Promise<void>,
  parts: QueryParts,
): Promise<void> {
  const { query, signal } = request;
  const folder = await parts.files.temporaryFolder();
  try {
    const database = await parts.openSql(folder.path);
    try {
      await database.check(query);
      await makeTables(tablesIn(query), request, { ...parts, database, folder: folder.path });
      await answer(await answered(database, query, signal));
    } finally {
      database.close();
    }
  } finally {
    await folder.remove();
  }
}

/** The tables whose names are words of the query: all that it reads, and maybe more. */
function tablesIn(query: string): readonly string[] {
  const words = new Set(query.toLowerCase().match(/\w+/g));
  return sqlTables.filter((name) => words.has(name));
}

/** A query of a table that there is not is told which there are. */
async function answered(
  database: SqlDatabase,
  query: string,
  signal: AbortSignal | undefined,
): Promise<SqlResult> {
  try {
    return await database.query(query, signal);
  } catch (error) {
    if (!(error instanceof QueryError) || !error.message.startsWith('Catalog Error: Table')) throw error;
    throw new QueryError(error.code, `${error.message}; the tables are ${sqlTables.join(', ')}`, error);
  }
}

interface TableParts extends QueryParts {
  readonly database: SqlDatabase;
  readonly folder: string;
}

async function makeTables(names: readonly string[], request: QueryRequest, parts: TableParts): Promise<void> {
  const { database, folder } = parts;
  const views = names.flatMap((name) => {
    const view = Object.hasOwn(effectViews, name) ? effectViews[name] : undefined;
    return view === undefined ? [] : [{ name, ...view }];
  });
  if (views.length > 0) {
    const file = `${folder}/effects.parquet`;
    await exportEffects({ ...request, file, kinds: views.flatMap(({ kinds }) => kinds) }, parts);
    for (const { name, columns, kinds } of views)
      await database.addView({ name, file, columns, where: { column: 'kind', values: kinds } });
  }
  if (names.includes('symbols'))
    await addTable('symbols', symbolColumns, await symbolRows(request, parts), parts);
  if (names.includes('slices'))
    await addTable('slices', sliceColumns, slicesOf(request, parts.stores), parts);
}

type Columns = readonly (readonly DataValue[])[];

async function addTable(
  name: string,
  columns: readonly DataColumn[],
  portions: AsyncIterable<Columns> | Iterable<Columns>,
  { files, folder, database }: TableParts,
): Promise<void> {
  const file = `${folder}/${name}.parquet`;
  const table = await files.createTable(file, columns);
  try {
    for await (const portion of portions) await table.write(portion);
    await table.finish();
  } catch (error) {
    await table.discard();
    throw error;
  }
  await database.addView({
    name,
    file,
    columns: columns.map((column) => ({ from: column.name, as: column.name })),
  });
}

async function symbolRows({ recording }: QueryRequest, { stores }: TableParts): Promise<readonly Columns[]> {
  const { all } = await programSymbols(recording, stores);
  const column = (of: (symbol: (typeof all)[number]) => DataValue) => all.map(of);
  return [[column(({ name }) => name), column(({ address }) => address), column(({ size }) => BigInt(size))]];
}

/** What the index knows, a portion for each page. Throws `invalid-request` where there is none. */
async function* slicesOf({ recording }: QueryRequest, stores: Stores): AsyncGenerator<Columns, undefined> {
  const index = await EffectsIndex.open(recording, stores);
  if (!index.exists)
    throw new RecordingError(
      'invalid-request',
      `${recording} has no index, so the table slices is not known; \`isochron index ${recording}\` makes one`,
      { recording },
    );
  for await (const { from, sliceLength, effects } of index.chunks())
    for (const use of indexedUses) {
      const unit = use === 'execute' ? codeUnit : granuleSize;
      for (const page of effects.pages(use)) {
        const columns: DataValue[][] = sliceColumns.map(() => []);
        effects.sets(use, page).forEach((set, slice) => {
          const begin = from + slice * sliceLength;
          set?.forEach((byte, at) => {
            for (let bit = 0; bit < 8; bit++) {
              if (!((byte >> bit) & 1)) continue;
              const address = BigInt(page) * BigInt(pageSize) + BigInt((8 * at + bit) * unit);
              const row = [use, BigInt(begin), BigInt(begin + sliceLength), address, unit];
              row.forEach((value, column) => columns[column]!.push(value));
            }
          });
        });
        yield columns;
      }
    }
}

import type * as duckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  QueryError,
  type SqlDatabase,
  type SqlResult,
  type SqlValue,
  type SqlView,
} from '../../application/ports/sql-database.ts';

type DuckDb = typeof duckDb;

const notInstalled = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/** A DuckDB in memory, which uses the folder where that does not suffice. It never loads an extension by itself. */
export async function openDuckDb(
  folder: string,
  load: () => Promise<DuckDb> = () => import('@duckdb/node-api'),
): Promise<SqlDatabase> {
  const duckdb = await load().catch((error: unknown) => {
    const { code = '' } = error as { readonly code?: string };
    throw new QueryError(
      'sql-unavailable',
      notInstalled.includes(code)
        ? 'SQL needs DuckDB, which is not installed; `npm install @duckdb/node-api`, beside isochron, installs it'
        : `DuckDB cannot be loaded: ${Error.isError(error) ? error.message : String(error)}`,
      error,
    );
  });
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    temp_directory: folder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  return new DuckDbDatabase(await instance.connect(), duckdb, () => instance.closeSync());
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

class DuckDbDatabase implements SqlDatabase {
  readonly #connection: DuckDBConnection;
  readonly #duckdb: DuckDb;
  readonly #closeInstance: () => void;

  constructor(connection: DuckDBConnection, duckdb: DuckDb, closeInstance: () => void) {
    this.#connection = connection;
    this.#duckdb = duckdb;
    this.#closeInstance = closeInstance;
  }

  async check(query: string): Promise<void> {
    const { count } = await asQueryError(() => this.#connection.extractStatements(query));
    if (count !== 1) throw new QueryError('invalid-query', `${count} queries are given; give one`);
  }

  async addView({ name, file, columns, where }: SqlView): Promise<void> {
    const shown = columns.map(({ from, as }) => `${quoted(from)} AS ${quoted(as)}`).join(', ');
    const rows = where && ` WHERE ${quoted(where.column)} IN (${where.values.map(literal).join(', ')})`;
    await this.#connection.run(
      `CREATE VIEW ${quoted(name)} AS SELECT ${shown} FROM read_parquet(${literal(file)})${rows ?? ''}`,
    );
  }

  async query(query: string, signal?: AbortSignal): Promise<SqlResult> {
    const interrupt = () => this.#connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    const result = await asQueryError(() => this.#connection.stream(query));
    const unsigned = result.columnTypes().map(({ typeId }) => typeId === this.#duckdb.DuckDBTypeId.UBIGINT);
    return { columns: result.columnNames(), rows: this.#rows(result.yieldRows(), unsigned, signal) };
  }

  close(): void {
    this.#connection.closeSync();
    this.#closeInstance();
  }

  async *#rows(
    portions: AsyncIterableIterator<DuckDBValue[][]>,
    unsigned: readonly boolean[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly (readonly SqlValue[])[], undefined> {
    for (;;) {
      const { done, value } = await asQueryError(() => portions.next());
      signal?.throwIfAborted();
      if (done === true) return;
      yield value.map((row) => row.map((cell, column) => this.#valueOf(cell, unsigned[column]!)));
    }
  }

  #valueOf(value: DuckDBValue, unsigned: boolean): SqlValue {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
    if (typeof value === 'bigint')
      return unsigned ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (value instanceof this.#duckdb.DuckDBBlobValue) return value.bytes;
    return String(value);
  }
}

async function asQueryError<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const message = Error.isError(error) ? error.message : String(error);
    throw new QueryError('invalid-query', message.replace(/^Failed to extract statements: /, ''), error);
  }
}

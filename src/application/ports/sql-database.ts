/** Numbers that are unsigned in 64 bits (addresses, values) are bigints; what has no form here is text. */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array;

export interface SqlResult {
  readonly columns: readonly string[];
  /** Row by row, in portions. */
  readonly rows: AsyncIterable<readonly (readonly SqlValue[])[]>;
}

/** A table that shows some columns of a Parquet file, and of its rows those with one of some values in a column. */
export interface SqlView {
  readonly name: string;
  readonly file: string;
  readonly columns: readonly { readonly from: string; readonly as: string }[];
  readonly where?: { readonly column: string; readonly values: readonly string[] } | undefined;
}

/** Answers queries. Whoever opened it closes it. */
export interface SqlDatabase {
  /** Rejects with QueryError for what cannot be read as one query. */
  check(query: string): Promise<void>;
  addView(view: SqlView): Promise<void>;
  /** Rejects with QueryError; so do the rows. Where `signal` aborts, it is interrupted. */
  query(query: string, signal?: AbortSignal): Promise<SqlResult>;
  close(): void;
}

export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: 'sql-unavailable' | 'invalid-query';

  constructor(code: QueryError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Opens a database that keeps in the folder what does not fit in memory. Rejects with QueryError where there is none to open. */
export type OpenSqlDatabase = (folder: string) => Promise<SqlDatabase>;

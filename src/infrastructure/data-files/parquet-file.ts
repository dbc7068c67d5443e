import { type ColumnSource, fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { DataColumn, DataValue, UnfinishedFile } from '../../application/ports/data-files.ts';
import { discardFile, finishFile, mustNotExist, unfinishedName } from './unfinished-name.ts';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Rows of a row group: what is held in memory. */
const groupRows = 2 ** 16;

const types: Readonly<Record<DataColumn['type'], Omit<SchemaElement, 'name'>>> = {
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  bytes: { type: 'BYTE_ARRAY' },
};

/** A Parquet file that is written row group by row group, by hyparquet-writer. */
export class ParquetFile implements UnfinishedFile<readonly (readonly DataValue[])[]> {
  readonly #path: string;
  readonly #columns: readonly DataColumn[];
  readonly #writer: ParquetWriter;
  /** Parts that do not fill a group yet. */
  #parts: (readonly (readonly DataValue[])[])[] = [];
  #rows = 0;

  private constructor(path: string, columns: readonly DataColumn[]) {
    this.#path = path;
    this.#columns = columns;
    const schema: SchemaElement[] = [
      { name: 'schema', num_children: columns.length },
      ...columns.map(({ name, type }) => ({ ...types[type], name, repetition_type: 'OPTIONAL' }) as const),
    ];
    this.#writer = new ParquetWriter({
      writer: fileWriter(unfinishedName(path)),
      schema,
      createdBy: 'isochron',
    });
  }

  static async create(path: string, columns: readonly DataColumn[]): Promise<ParquetFile> {
    await mustNotExist(path);
    return new ParquetFile(path, columns);
  }

  async write(part: readonly (readonly DataValue[])[]): Promise<void> {
    this.#parts.push(part);
    this.#rows += part[0]?.length ?? 0;
    if (this.#rows >= groupRows) await this.#flush();
  }

  async finish(): Promise<number> {
    await this.#flush();
    await this.#writer.finish();
    return finishFile(this.#path);
  }

  async discard(): Promise<void> {
    await discardFile(this.#path);
  }

  async #flush(): Promise<void> {
    const parts = this.#parts;
    const rows = this.#rows;
    this.#parts = [];
    this.#rows = 0;
    if (rows === 0) return;
    const columnData = this.#columns.map(({ name, ranged = false }, at): ColumnSource => {
      const data = new Array<DataValue>().concat(...parts.map((part) => part[at]!));
      return { name, data, statistics: ranged };
    });
    await this.#writer.write({ columnData, rowGroupSize: rows });
  }
}

import type { TimelineItem } from './timeline-file.ts';

/** A column of a table: numbers are bigints where they may be large, text and bytes are as they are; any may be absent. */
export interface DataColumn {
  readonly name: string;
  /** Its values are near to each other in the file’s order, or are looked for by range: readers are told which lie where. */
  readonly ranged?: true;
  readonly type: 'int32' | 'int64' | 'uint64' | 'text' | 'bytes';
}

export type DataValue = number | bigint | string | Uint8Array | undefined;

/** A file that is not there until it is whole: it has another name before. */
export interface UnfinishedFile<T> {
  write(part: T): Promise<void>;
  /** Gives the file its name; and its bytes. */
  finish(): Promise<number>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Files for other programs. Everything rejects with the system’s error, whose `code` and `path` say what was wrong. */
export interface DataFiles {
  /** Begins a Parquet file; its parts are the columns’ values, all of one length. Rejects with `EEXIST` where there is a file. */
  createTable(
    path: string,
    columns: readonly DataColumn[],
  ): Promise<UnfinishedFile<readonly (readonly DataValue[])[]>>;
  /** Begins a trace in the format of Chrome and Perfetto. */
  createTimeline(path: string): Promise<UnfinishedFile<readonly TimelineItem[]>>;
  /** A folder of its own for what is needed for a while. */
  temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }>;
}

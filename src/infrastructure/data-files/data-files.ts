import type { DataFiles } from '../../application/ports/data-files.ts';
import { ChromeTrace } from './chrome-trace.ts';

/** Files of this machine. What writes Parquet is loaded when it is asked for. */
export const dataFiles: DataFiles = {
  createTable: async (path, columns) => (await import('./parquet-file.ts')).ParquetFile.create(path, columns),
  createTimeline: (path) => ChromeTrace.create(path),
};

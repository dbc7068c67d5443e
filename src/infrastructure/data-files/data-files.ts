import type { DataFiles } from '../../application/ports/data-files.ts';

/** Files of this machine. What writes them is loaded when it is asked for: runs and replays have no use for it. */
export const dataFiles: DataFiles = {
  createTable: async (path, columns) => (await import('./parquet-file.ts')).ParquetFile.create(path, columns),
  createTimeline: async (path) => (await import('./chrome-trace.ts')).ChromeTrace.create(path),
  temporaryFolder: async () => (await import('./temporary-folder.ts')).temporaryFolder(),
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataFiles } from '../../application/ports/data-files.ts';
import { ChromeTrace } from './chrome-trace.ts';

/** Files of this machine. What writes Parquet is loaded when it is asked for. */
export const dataFiles: DataFiles = {
  createTable: async (path, columns) => (await import('./parquet-file.ts')).ParquetFile.create(path, columns),
  temporaryFolder: async () => {
    const path = await mkdtemp(join(tmpdir(), 'isochron-'));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
  },
  createTimeline: (path) => ChromeTrace.create(path),
};

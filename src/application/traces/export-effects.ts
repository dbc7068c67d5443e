import type { DataFiles } from '../ports/data-files.ts';
import { columnsOf, effectColumns, type RegisterNames } from './effect-table.ts';
import { traceEffects, type TraceParts } from './trace-effects.ts';
import type { TraceRequest } from './trace-request.ts';

export interface EffectExportRequest extends TraceRequest {
  /** The new file. */
  readonly file: string;
  readonly registerNames?: RegisterNames | undefined;
}

export interface EffectExportResult {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Writes effects to a Parquet file, one row each. Where that ends early, by an error or `signal`, no file is left. */
export async function exportEffects(
  request: EffectExportRequest,
  parts: TraceParts & { readonly files: DataFiles },
): Promise<EffectExportResult> {
  const { file, registerNames = (slot) => slot } = request;
  const table = await parts.files.createTable(file, effectColumns);
  let rows = 0;
  try {
    for await (const effects of traceEffects(request, parts)) {
      await table.write(columnsOf(effects, registerNames));
      rows += effects.length;
    }
    return { file, rows, bytes: await table.finish() };
  } catch (error) {
    await table.discard();
    throw error;
  }
}

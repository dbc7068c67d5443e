import type { Digest } from '../../domain/shared/digest.ts';
import type { BlobStore } from './blob-store.ts';
import type { EventStore } from './event-store.ts';

/** What went wrong with an archive file. */
export type ArchiveFaultCode =
  'archive-unreadable' | 'archive-damaged' | 'archive-unsupported' | 'archive-exists' | 'archive-conflict';

/** An archive could not be written or taken in. `context` names the file, and the byte offset or stream. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  readonly code: ArchiveFaultCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: ArchiveFaultCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.context = context;
  }
}

export interface Stores {
  readonly events: EventStore;
  readonly blobs: BlobStore;
}

/** What goes into an archive: whole streams, and every blob they refer to (the caller knows which those are). */
export interface ArchiveContents {
  readonly streams: readonly string[];
  readonly blobs: Iterable<Digest> | AsyncIterable<Digest>;
}

export interface ArchiveSummary {
  readonly streams: readonly { readonly name: string; readonly events: number }[];
  readonly blobs: number;
  /** Size of the file. */
  readonly bytes: number;
}

/** Recordings as one file, for handing on. Throws ArchiveFault, and StoreFault from the stores. */
export interface RecordingArchive {
  /** Writes a new file, durable when the promise resolves; an existing file is left alone (`archive-exists`). */
  write(path: string, contents: ArchiveContents, from: Stores): Promise<ArchiveSummary>;
  /** Reads the whole file, checking every record, every blob's digest and the final digest. */
  verify(path: string): Promise<ArchiveSummary>;
  /**
   * Verifies the whole file, then adds its blobs, then its streams. `rename` gives each stream's name in the store. A
   * stream that is there with the same events is left as it is; with others: `archive-conflict`, and nothing is added.
   */
  read(path: string, into: Stores, rename?: (stream: string) => string): Promise<ArchiveSummary>;
}

/** How far a long piece of work has come, in guest instructions; `total` where it is known. */
export interface Progress {
  readonly icount: number;
  readonly total?: number;
}

/** What every long-running use case takes: a way to stop it cleanly, and a listener for its progress. */
export interface Control {
  /** Aborting stops at the next slice boundary; nothing that was recorded is lost. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Receives what the guest writes to its standard output and error, in order, as it happens. */
export type OutputSink = (to: 'stdout' | 'stderr', bytes: Uint8Array) => void;

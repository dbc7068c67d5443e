import type { Digest } from '../domain/shared/digest.ts';

export interface CopyRequest {
  readonly recording: string;
  /** Aborting stops between two portions; the next copy goes on there. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((copied: { readonly blobs: number; readonly events: number }) => void) | undefined;
}

export interface CopyResult {
  readonly recording: string;
  /** Events of the recording, and how many of them were copied now (the others were there). */
  readonly events: number;
  readonly eventsCopied: number;
  readonly blobs: number;
  readonly blobsCopied: number;
  /** Head of the digest chain, the same in both stores. */
  readonly chain: Digest | undefined;
  /** Whether all of it is in the target (false: aborted). */
  readonly complete: boolean;
}

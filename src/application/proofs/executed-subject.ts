/** A program or a recording whose blocks are asked for: all that it executes, or the one that begins at `at`. */
export type ExecutedSubject =
  | {
      readonly kind: 'program';
      readonly program: Uint8Array;
      readonly programPath: string;
      readonly arguments: readonly string[];
      readonly maxInstructions?: number | undefined;
      readonly at?: bigint | undefined;
    }
  | { readonly kind: 'recording'; readonly recording: string; readonly at?: bigint | undefined };

/** A block as it was when it was executed. */
export interface ExecutedBlock {
  readonly address: bigint;
  readonly code: Uint8Array;
}

export interface ExecutionControl {
  readonly signal?: AbortSignal | undefined;
  /** How many instructions were executed. */
  readonly onProgress?:
    | ((progress: {
        readonly what: 'executing';
        readonly done: number;
        readonly total?: number | undefined;
      }) => void)
    | undefined;
}

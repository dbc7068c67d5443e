export type RecordingErrorCode =
  | 'unknown-recording'
  | 'recording-exists'
  | 'invalid-recording-name'
  | 'unknown-engine'
  | 'invalid-request'
  | 'damaged-recording'
  | 'damaged-index'
  | 'instant-out-of-range';

/** A use case cannot be done: what, where, and what to do is the message. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: RecordingErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: RecordingErrorCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.context = context;
  }
}

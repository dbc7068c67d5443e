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

const prefix = 'machine-';

/** The stream that holds a recording. Throws `invalid-recording-name`. */
export function streamOf(recording: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(recording))
    throw new RecordingError(
      'invalid-recording-name',
      `${JSON.stringify(recording)} cannot name a recording: use 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first`,
      { recording },
    );
  return prefix + recording;
}

export const recordingPrefix = prefix;

export const unknownRecording = (recording: string): RecordingError =>
  new RecordingError(
    'unknown-recording',
    `there is no recording named ${recording}; \`isochron recordings list\` shows what there is`,
    { recording },
  );

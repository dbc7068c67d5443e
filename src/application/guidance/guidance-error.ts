export type GuidanceErrorCode =
  'no-profile' | 'damaged-profile' | 'invalid-profile' | 'not-enough-profiles' | 'no-cache';

/** A profile or a model cannot be had. */
export class GuidanceError extends Error {
  override readonly name = 'GuidanceError';
  readonly code: GuidanceErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: GuidanceErrorCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.code = code;
    this.context = context;
  }
}

export type VerificationErrorCode =
  | 'unknown-subject'
  | 'unknown-engine'
  | 'unknown-oracle'
  | 'oracle-absent'
  | 'invalid-case'
  | 'invalid-campaign'
  | 'damaged-campaign';

/** A verification cannot be done: what, where, and what to do is the message. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  readonly code: VerificationErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: VerificationErrorCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.code = code;
    this.context = context;
  }
}

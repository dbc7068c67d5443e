export type EngineFaultCode =
  | 'memory-size'
  | 'memory-unavailable'
  | 'state-too-large'
  | 'engine-trap'
  | 'cache-capacity'
  | 'evicting-running-code';

/** An engine could not be set up. `context` names the sizes in question. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';
  readonly code: EngineFaultCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: EngineFaultCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.context = context;
  }
}

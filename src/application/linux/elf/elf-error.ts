/** What is wrong with a program that cannot be loaded. */
export type ElfErrorCode =
  | 'not-elf'
  | 'truncated'
  | 'wrong-machine'
  | 'wrong-class'
  | 'wrong-type'
  | 'unsupported-abi'
  | 'dynamic'
  | 'bad-header'
  | 'bad-segment'
  | 'segments-overlap'
  | 'too-large'
  | 'no-entry'
  | 'arguments-too-long';

/** A program cannot be loaded. `context` gives the offending numbers. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly code: ElfErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: ElfErrorCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.context = context;
  }
}

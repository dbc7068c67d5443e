/** What a store can say went wrong. */
export type StoreFaultCode =
  | 'store-unreadable'
  | 'store-unreachable'
  | 'store-damaged'
  | 'store-locked'
  | 'store-full'
  | 'store-closed'
  | 'append-too-large'
  | 'blob-missing'
  | 'blob-damaged';

/** A store could not do its work. `context` names the file, stream or digest, and what was lost. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly code: StoreFaultCode;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(
    code: StoreFaultCode,
    message: string,
    context: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
    this.context = context;
  }
}

/** Something that was found damaged when a store was opened, and what that costs. */
export interface Damage {
  readonly where: string;
  readonly what: string;
  readonly lost: string;
}

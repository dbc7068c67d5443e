import { StoreFault, type StoreFaultCode } from '../../application/ports/store-fault.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean something to the user. */
const busy = 5;
const locked = 6;
const corrupt = 11;
const full = 13;
const notADatabase = 26;

/** What a thrown thing says, wherever it was made. */
export const messageOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};

const primaryCode = (error: unknown): number | undefined => {
  const extended = (error as { errcode?: unknown } | null)?.errcode;
  return typeof extended === 'number' ? extended & 0xff : undefined;
};

export const meansBusy = (error: unknown): boolean => {
  const code = primaryCode(error);
  return code === busy || code === locked;
};

export const meansDamage = (error: unknown): boolean => {
  const code = primaryCode(error);
  return code === corrupt || code === notADatabase;
};

/** A SQLite or file system error, in the store's terms. */
export const toStoreFault = (error: unknown, file: string): StoreFault => {
  if (error instanceof StoreFault) return error;
  const detail = messageOf(error);
  const fault = (code: StoreFaultCode, message: string): StoreFault =>
    new StoreFault(code, message, { file }, error);
  if (meansBusy(error)) {
    return fault(
      'store-locked',
      `${file} is being written by another process and did not become free in time; try again when it has finished.`,
    );
  }
  if (meansDamage(error)) {
    return fault(
      'store-damaged',
      `${file} is damaged (${detail}); open the store again, with no other process using it, to salvage what can be read.`,
    );
  }
  const systemCode = (error as { code?: unknown } | null)?.code;
  if (primaryCode(error) === full || systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
    return fault(
      'store-full',
      `There is no space left for ${file}; nothing of this append was kept. Free some space.`,
    );
  }
  return fault(
    'store-unreadable',
    `${file} cannot be used: ${detail}. Check that it exists and may be read and written.`,
  );
};

/** A fault as plain data, to cross from the store's thread. */
export interface PlainFault {
  readonly code: StoreFaultCode;
  readonly message: string;
  readonly context: Readonly<Record<string, string | number>>;
  readonly cause: string;
}

export const asPlainFault = (error: unknown, file: string): PlainFault => {
  const { code, message, context, cause } = toStoreFault(error, file);
  return {
    code,
    message,
    context,
    cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  };
};

export const fromPlainFault = ({ code, message, context, cause }: PlainFault): StoreFault =>
  new StoreFault(code, message, context, cause);

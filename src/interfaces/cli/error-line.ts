import { StoreFault } from '../../application/ports/store-fault.ts';
import { exitStatus } from './exit-status.ts';
import { CommandFailure, OutputClosed, UsageError } from './usage-error.ts';

export interface ErrorReport {
  readonly status: number;
  /** `isochron: what; where; what to do`, without a newline; undefined when there is nothing to say. */
  readonly line: string | undefined;
}

/** What to do about errors of the use cases, by code, where their message does not say it. */
const remedies: Readonly<Record<string, string>> = {
  'unknown-engine': 'see `isochron doctor` for the engines',
  'damaged-recording': 'see `isochron recordings verify`',
  'instant-out-of-range': 'see `isochron recordings show` for the last instruction',
  'store-locked': 'wait for the other process, or use another --store',
  'store-full': 'make room on the disk, or use another --store',
  'append-too-large': 'start the server with --max-append-size=16777216',
  'store-unreadable': 'check the directory and its permissions, or use another --store',
};

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
};

/** One line for any error, and the exit status it means. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof OutputClosed) return { status: exitStatus.outputClosed, line: undefined };
  if (error instanceof UsageError)
    return { status: exitStatus.usage, line: sentence([error.message, error.todo]) };
  return { status: exitStatus.failure, line: sentence(partsOf(error)) };
}

/** Whether the error says that what was stored is damaged or lost. */
export const isDamage = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /damaged|missing/.test(error.code);

function partsOf(error: unknown): readonly string[] {
  if (error instanceof CommandFailure) return [error.message, error.where, error.todo];
  if (!Error.isError(error)) return [`unexpected: ${String(error)}`];
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string')
    return [`internal error: ${error.message}`, firstFrame(error), 'please report it'];
  if (isSystemError(error))
    return [`cannot ${error.syscall} ${error.path ?? 'a file'}`, systemErrors[code] ?? error.message];
  const where = error instanceof StoreFault ? contextOf(error.context) : '';
  return [error.message, where, remedies[code] ?? ''];
}

const isSystemError = (error: Error): error is NodeJS.ErrnoException & { syscall: string } =>
  'syscall' in error && typeof error.syscall === 'string';

const contextOf = (context: Readonly<Record<string, string | number>>): string =>
  Object.entries(context)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');

const firstFrame = (error: Error): string => error.stack?.split('\n')[1]?.trim() ?? '';

const sentence = (parts: readonly string[]): string =>
  `isochron: ${parts
    .filter((part) => part !== '')
    .map((part) => part.replaceAll(/\s*\n\s*/g, ' ').replace(/[.;]$/, ''))
    .join('; ')}`;

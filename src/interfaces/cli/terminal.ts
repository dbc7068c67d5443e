import { fstatSync, writeSync } from 'node:fs';
import { OutputClosed } from './usage-error.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** The process's surroundings as commands see them. Writing is synchronous, so output keeps its order. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly columns: number;
  /** Standard error is a terminal: progress may be drawn there. */
  readonly interactive: boolean;
  /** Aborted by the first Ctrl-C (or SIGTERM), and when the reader of standard output goes away. */
  readonly interruption: AbortSignal;
  /** Throws OutputClosed when nobody reads any more. */
  write(to: 'stdout' | 'stderr', content: string | Uint8Array): void;
  /** `text` in a style, where the stream is a terminal that wants colour. */
  styled(to: 'stdout' | 'stderr', style: Style, text: string): string;
}

const codes: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** Whether output may be coloured: only on a terminal, and never when NO_COLOR is set (to anything but nothing). */
export const wantsColour = (
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean => isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';

export const paint = (coloured: boolean, style: Style, text: string): string =>
  coloured ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;

const descriptors = { stdout: 1, stderr: 2 } as const;

/** The streams themselves are asked only where they may say yes: making them has Node load its network code. */
function isTerminal(stream: 'stdout' | 'stderr'): boolean {
  try {
    return fstatSync(descriptors[stream]).isCharacterDevice() && process[stream].isTTY;
  } catch {
    // It was closed before the process began.
    return false;
  }
}

/** The terminal of this process. */
export function processTerminal(interruption: AbortSignal): Terminal {
  const interactive = { stdout: isTerminal('stdout'), stderr: isTerminal('stderr') };
  const coloured = {
    stdout: wantsColour(interactive.stdout, process.env),
    stderr: wantsColour(interactive.stderr, process.env),
  };
  return {
    environment: process.env,
    workingDirectory: process.cwd(),
    columns: interactive.stdout ? process.stdout.columns : 100,
    interactive: interactive.stderr,
    interruption,
    write: (to, content) => writeWhole(descriptors[to], content),
    styled: (to, style, content) => paint(coloured[to], style, content),
  };
}

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it, waiting while a non-blocking pipe is full. */
function writeWhole(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') Atomics.wait(clock, 0, 0, 1);
      else if (code === 'EPIPE' || code === 'EBADF')
        throw new OutputClosed('the output was closed', { cause: error });
      else throw error;
    }
  }
}

import type { OutputSink } from '../../application/isochron.ts';
import type { Terminal } from './terminal.ts';
import { OutputClosed } from './usage-error.ts';

/**
 * Passes a guest's output on to the terminal. When its reader goes away the run is asked to stop, as SIGPIPE would
 * stop a process, and `closed` says so.
 */
export class GuestOutput {
  readonly #abort = new AbortController();
  /** Aborts on Ctrl-C and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  readonly sink: OutputSink;
  #closed = false;

  /** `toStderr`: everything goes to standard error, because standard output carries a result. */
  constructor(terminal: Terminal, toStderr: boolean) {
    this.signal = AbortSignal.any([terminal.interruption, this.#abort.signal]);
    this.sink = (to, bytes) => {
      if (this.#closed) return;
      try {
        terminal.write(toStderr ? 'stderr' : to, bytes);
      } catch (error) {
        if (!(error instanceof OutputClosed)) throw error;
        this.#closed = true;
        this.#abort.abort();
      }
    };
  }

  get closed(): boolean {
    return this.#closed;
  }
}

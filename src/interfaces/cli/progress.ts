import type { Progress } from '../../application/isochron.ts';
import { quantity } from './tables.ts';
import type { Terminal } from './terminal.ts';

/** Draws one line of progress on standard error, on a terminal only, from the second second on. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #begin = performance.now();
  #next = this.#begin + 1000;
  #drawn = false;

  constructor(terminal: Terminal, what: string) {
    this.#terminal = terminal;
    this.#what = what;
  }

  readonly show = (progress: Progress): void => {
    const now = performance.now();
    if (!this.#terminal.interactive || now < this.#next) return;
    this.#next = now + 200;
    this.#drawn = true;
    const rate = (progress.icount / (now - this.#begin)) * 1000;
    const share =
      progress.total === undefined
        ? ''
        : ` of ${quantity(progress.total)} (${Math.floor((100 * progress.icount) / Math.max(1, progress.total))} %)`;
    this.#terminal.write(
      'stderr',
      `\r\u001b[K${this.#what}: ${quantity(progress.icount)} instructions${share}, ${quantity(rate)}/s`,
    );
  };

  /** Removes the line. */
  clear(): void {
    if (this.#drawn) this.#terminal.write('stderr', '\r\u001b[K');
    this.#drawn = false;
  }
}

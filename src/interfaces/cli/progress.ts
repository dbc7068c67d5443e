import type { Progress } from '../../application/isochron.ts';
import { quantity } from './tables.ts';
import type { Terminal } from './terminal.ts';

/** Monotonic milliseconds; `performance` would be loaded first, which takes a few of them. */
export const uptimeMs = (): number => process.uptime() * 1000;

/** Draws one line of progress on standard error, on a terminal only, from the second second on. */
export class CountLine {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #unit: string;
  readonly #begin = uptimeMs();
  #next = this.#begin + 1000;
  #drawn = false;

  constructor(terminal: Terminal, what: string, unit: string) {
    this.#terminal = terminal;
    this.#what = what;
    this.#unit = unit;
  }

  readonly show = (done: number, total?: number, more = ''): void => {
    const now = uptimeMs();
    if (!this.#terminal.interactive || now < this.#next) return;
    this.#next = now + 200;
    this.#drawn = true;
    const rate = (done / (now - this.#begin)) * 1000;
    const share =
      total === undefined
        ? ''
        : ` of ${quantity(total)} (${Math.floor((100 * done) / Math.max(1, total))} %)`;
    this.#terminal.write(
      'stderr',
      `\r\u001b[K${this.#what}: ${quantity(done)} ${this.#unit}${share}, ${quantity(rate)}/s${more}`,
    );
  };

  /** Removes the line. */
  clear(): void {
    if (this.#drawn) this.#terminal.write('stderr', '\r\u001b[K');
    this.#drawn = false;
  }
}

/** The line for work that is counted in guest instructions. */
export class ProgressLine {
  readonly #line: CountLine;

  constructor(terminal: Terminal, what: string) {
    this.#line = new CountLine(terminal, what, 'instructions');
  }

  readonly show = ({ icount, total }: Progress): void => this.#line.show(icount, total);

  clear(): void {
    this.#line.clear();
  }
}

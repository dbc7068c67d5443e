/** What can go wrong with a server. */
export type Fault =
  | 'append-hangs'
  | 'append-unanswered'
  | 'append-answered-twice'
  | 'vanish-before-append'
  | 'vanish-after-append'
  | 'delete-unanswered'
  | 'deliver-twice'
  | 'read-breaks'
  | 'read-hangs';

/** The faults that are due; each happens as often as it was asked for. */
export class Faults {
  readonly #due = new Map<Fault, number>();
  readonly #disappear: () => void;
  /** How often the client asked for its batch mode. */
  batches = 0;

  constructor(disappear: () => void) {
    this.#disappear = disappear;
  }

  ask(fault: Fault, times = 1): void {
    this.#due.set(fault, (this.#due.get(fault) ?? 0) + times);
  }

  /** Whether the fault is due now. */
  take(fault: Fault): boolean {
    const due = this.#due.get(fault) ?? 0;
    if (due > 0) this.#due.set(fault, due - 1);
    return due > 0;
  }

  /** Faults that were asked for and have not happened. */
  get pending(): number {
    return [...this.#due.values()].reduce((sum, due) => sum + due, 0);
  }

  /** Breaks every connection at once; the server comes back soon after. */
  disappear(): void {
    this.#disappear();
  }
}

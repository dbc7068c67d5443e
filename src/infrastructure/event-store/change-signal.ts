/**
 * Wakes whoever waits for something new. Law: a change between `mark` and `wait` is not missed.
 */
export class ChangeSignal {
  #changes = 0;
  readonly #waiting = new Set<() => void>();

  /** How many changes there were; to be taken before looking, and handed to `wait`. */
  get mark(): number {
    return this.#changes;
  }

  notify(): void {
    this.#changes++;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when there was a change after `mark`, or when `signal` aborts. */
  wait(mark: number, signal: AbortSignal): Promise<void> {
    if (this.#changes !== mark || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

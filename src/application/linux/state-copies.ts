import type { Kernel } from './kernel.ts';
import { settled } from './state-bytes.ts';

const isSettled: ReadonlySet<string> = new Set(settled);

/**
 * Copies of a kernel's state. Law: a copy equals the state as it is, and nothing changes it; fields that the system has not worked on since
 * the last copy are that copy's own, so whoever writes copies down sees that there is nothing new.
 */
export class StateCopies {
  readonly #kernel: Kernel;
  #known: Readonly<Record<string, unknown>> = {};
  #work = -1;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  take(): unknown {
    const { state, work } = this.#kernel;
    const entries = Object.entries(state);
    const copied = (wanted: (field: string) => boolean): Record<string, unknown> =>
      structuredClone(Object.fromEntries(entries.filter(([field]) => wanted(field))));
    if (work !== this.#work) {
      this.#known = copied((field) => isSettled.has(field));
      this.#work = work;
    }
    const others = copied((field) => !isSettled.has(field));
    return Object.fromEntries(entries.map(([field]) => [field, this.#known[field] ?? others[field]]));
  }
}

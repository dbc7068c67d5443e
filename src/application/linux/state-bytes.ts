import { CanonicalBytes, CanonicalWriter } from './canonical.ts';
import type { Kernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';

/** What only the system's work changes, and neither the instructions of threads, nor turns, nor time. */
export const settled = [
  'files',
  'processes',
  'spaces',
  'unsupported',
] as const satisfies readonly (keyof KernelState)[];

/**
 * Writes a kernel's state for its digest. Law: the bytes are those of the state as it is; what the system has not worked on since the
 * last time is not gone through again, for it is nearly all of it and a guest that computes has a digest every few milliseconds.
 */
export class StateBytes {
  readonly #kernel: Kernel;
  readonly #digestOf: (bytes: Uint8Array) => string;
  #known: Readonly<Record<string, CanonicalBytes>> = {};
  #work = -1;

  constructor(kernel: Kernel, digestOf: (bytes: Uint8Array) => string) {
    this.#kernel = kernel;
    this.#digestOf = digestOf;
  }

  /** A writer with the state written to it. */
  write(): CanonicalWriter {
    const { state, icount, work } = this.#kernel;
    if (work !== this.#work) {
      this.#known = Object.fromEntries(settled.map((field) => [field, this.#bytesOf(state[field])]));
      this.#work = work;
    }
    const writer = new CanonicalWriter(this.#digestOf);
    writer.write({ ...state, ...this.#known, icount });
    return writer;
  }

  #bytesOf(value: unknown): CanonicalBytes {
    const writer = new CanonicalWriter(this.#digestOf);
    writer.write(value);
    return new CanonicalBytes(writer.bytes);
  }
}

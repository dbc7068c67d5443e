/** A compiled module, as it is kept for whoever needs the same again. */
export interface KeptModule {
  readonly module: WebAssembly.Module;
  readonly imports: readonly string[];
  /** Bytes of WebAssembly. */
  readonly size: number;
}

/**
 * Compiled modules by the identity of what they were made from. The machines of an engine share one: code that is mapped again, after
 * a change, in a forked process or by a replay, is found. The least recently used go when there are too many.
 */
export class ModuleStore {
  readonly #capacity: number;
  readonly #modules = new Map<string, KeptModule>();

  /** `capacity`: modules kept, at least one. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  find(identity: string): KeptModule | undefined {
    const kept = this.#modules.get(identity);
    if (kept) this.#touch(identity, kept);
    return kept;
  }

  keep(identity: string, module: KeptModule): void {
    this.#touch(identity, module);
    if (this.#modules.size <= this.#capacity) return;
    const [oldest] = this.#modules.keys();
    this.#modules.delete(oldest!);
  }

  #touch(identity: string, module: KeptModule): void {
    this.#modules.delete(identity);
    this.#modules.set(identity, module);
  }
}

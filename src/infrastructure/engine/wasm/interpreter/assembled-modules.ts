/** A module of WebAssembly, and the functions that it imports. */
export interface AssembledModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly string[];
}

/** An assembled module by what it is made of. */
export interface KeptModule extends AssembledModule {
  readonly key: string;
}

/** More are not kept: those of about four sizes of memory. */
const mostKept = 12;

/** The modules that generated code needs whatever it runs: they outlive the process, for assembling them takes as long as a short run. */
export class AssembledModules {
  readonly #modules: Map<string, AssembledModule>;

  constructor(kept: readonly KeptModule[] = []) {
    this.#modules = new Map(kept.map(({ key, bytes, imports }) => [key, { bytes, imports }]));
  }

  find(key: string): AssembledModule | undefined {
    return this.#modules.get(key);
  }

  /** The module of that key, assembled if there is none. */
  get(key: string, assemble: () => AssembledModule): AssembledModule {
    const known = this.#modules.get(key);
    if (known) return known;
    const made = assemble();
    this.#modules.set(key, made);
    return made;
  }

  /** Puts a module in the place of the one of that key; it is the last to go. */
  replace(key: string, module: AssembledModule): void {
    this.#modules.delete(key);
    this.#modules.set(key, module);
  }

  /** Whether one more would be kept at the cost of another. */
  get full(): boolean {
    return this.#modules.size >= mostKept;
  }

  /** The last ones, as many as are worth keeping. */
  get kept(): readonly KeptModule[] {
    return [...this.#modules].slice(-mostKept).map(([key, module]) => ({ key, ...module }));
  }
}

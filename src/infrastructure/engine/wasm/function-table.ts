/** The functions that generated code reaches by index: regions, and handlers of the interpreter. */
export class FunctionTable {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
  readonly #free: number[] = [];
  #next = 0;

  /** The index of a function that was not in the table. */
  add(run: CallableFunction): number {
    const index = this.#free.pop() ?? this.#next++;
    if (index >= this.table.length) this.table.grow(this.table.length);
    this.table.set(index, run);
    return index;
  }

  remove(index: number): void {
    this.table.set(index, null);
    this.#free.push(index);
  }
}

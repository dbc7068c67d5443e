/** An IR operation that this engine does not translate. Such an instruction is evaluated by the golden engine instead. */
export class UnsupportedIr extends Error {
  override readonly name = 'UnsupportedIr';
  readonly code = 'unsupported-ir';
  readonly context: { readonly op: string; readonly type: string };

  constructor(op: string, type: string) {
    super(`the wasm engine does not translate ${op} on ${type}`);
    this.context = { op, type };
  }
}

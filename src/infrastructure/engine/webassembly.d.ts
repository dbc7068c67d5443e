/** The part of the WebAssembly JavaScript API that the engines use (it belongs to no TypeScript library but the DOM's). */
declare namespace WebAssembly {
  type Module = object;
  const Module: {
    new (bytes: BufferSource): Module;
    exports(module: Module): readonly { readonly name: string; readonly kind: string }[];
  };
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBufferLike;
    grow(delta: number): number;
  }
  class Table {
    constructor(descriptor: { element: 'anyfunc'; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): CallableFunction | null;
    set(index: number, value: CallableFunction | null): void;
    grow(delta: number): number;
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, CallableFunction>;
  }
  class RuntimeError extends Error {}
  function validate(bytes: BufferSource): boolean;
}
type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

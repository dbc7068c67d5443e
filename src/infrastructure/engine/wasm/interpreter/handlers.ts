import { shapeOf } from '../../../../domain/ir/shape.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionTable } from '../function-table.ts';
import { regionExport } from '../translated-function.ts';
import type { Forms } from './forms.ts';
import { HandlerCompiler } from './handler-compiler.ts';

/** The imports of generated modules; what handlers need besides is added. */
export type EngineImports = Record<string, unknown>;

interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly imports: readonly string[];
}

/** Handlers do not depend on the machine but for its memory’s size and whether it is marked, so machines share them. */
const compiled = new Map<string, CompiledModule>();

/** The handlers of one machine, by shape: compiled and put into its function table when first asked for. */
export class Handlers {
  readonly #memory: FlatMemory;
  readonly #table: FunctionTable;
  readonly #imports: EngineImports;
  readonly #importOf: (name: string) => unknown;
  readonly #forms: Forms;
  readonly #byShape: number[] = [];

  /** `importOf` makes an import that `imports` does not have yet. */
  constructor(
    memory: FlatMemory,
    forms: Forms,
    table: FunctionTable,
    imports: EngineImports,
    importOf: (name: string) => unknown,
  ) {
    this.#memory = memory;
    this.#forms = forms;
    this.#table = table;
    this.#imports = imports;
    this.#importOf = importOf;
  }

  /** The place in the function table of a shape's handler; undefined: it was not asked for yet. */
  known(shape: number): number | undefined {
    return this.#byShape[shape];
  }

  /** The same, made when it is not there. */
  of(shape: number): number {
    return (this.#byShape[shape] ??= this.#make(shape));
  }

  #make(shape: number): number {
    const key = `${modeOf(this.#memory)} ${this.#forms.keyOf(shape)}`;
    const { module, imports } = remembered(key, () =>
      new HandlerCompiler(shapeOf(this.#forms.exampleOf(shape)), this.#memory).compile(),
    );
    for (const name of imports) this.#imports[name] ??= this.#importOf(name);
    const instance = new WebAssembly.Instance(module, { engine: this.#imports });
    return this.#table.add(instance.exports[regionExport]!);
  }
}

/** What of a memory generated code of the interpreter depends on. */
export const modeOf = ({ size, marks }: FlatMemory): string => `${size}${marks ? ' marking' : ''}`;

/** The module of that key, compiled once a process. */
export function remembered(
  key: string,
  compile: () => { readonly bytes: Uint8Array<ArrayBuffer>; readonly imports: readonly string[] },
): CompiledModule {
  let known = compiled.get(key);
  if (!known) {
    const { bytes, imports } = compile();
    known = { module: new WebAssembly.Module(bytes), imports };
    compiled.set(key, known);
  }
  return known;
}

import { shapeOf } from '../../../../domain/ir/shape.ts';
import { control, handlersFound } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionTable } from '../function-table.ts';
import type { AssembledModule } from './assembled-modules.ts';
import type { Forms } from './forms.ts';
import { compileHandlers } from './handler-compiler.ts';

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
  /** In control memory, where generated code finds them too. */
  readonly #byShape: Int32Array;
  /** Those of later shapes than have a place there. */
  readonly #others: number[] = [];
  /** The handlers of the first shapes, by shape. */
  readonly #kept: Readonly<Record<string, CallableFunction>>;

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
    this.#byShape = new Int32Array(memory.control.buffer, control.handlers, handlersFound);
    const key = `handlers ${modeOf(memory)}`;
    const kept = forms.modules.find(key);
    this.#kept = kept ? this.#instantiate(remembered(`kept ${key}`, () => kept)) : {};
    if (!memory.marks) keepHandlers(key, memory, forms);
  }

  /** The place in the function table of a shape's handler; undefined: it was not asked for yet. */
  known(shape: number): number | undefined {
    return (this.#byShape[shape] ?? this.#others[shape]) || undefined;
  }

  /** The same, made when it is not there. */
  of(shape: number): number {
    const known = this.known(shape);
    if (known !== undefined) return known;
    const made = this.#table.add(this.#kept[shape] ?? this.#compile(shape));
    (shape < handlersFound ? this.#byShape : this.#others)[shape] = made;
    return made;
  }

  #compile(shape: number): CallableFunction {
    const key = `${modeOf(this.#memory)} ${this.#forms.keyOf(shape)}`;
    const module = remembered(key, () =>
      compileHandlers([shapeOf(this.#forms.exampleOf(shape))], this.#memory),
    );
    return this.#instantiate(module)['0']!;
  }

  #instantiate({ module, imports }: CompiledModule): Readonly<Record<string, CallableFunction>> {
    for (const name of imports) this.#imports[name] ??= this.#importOf(name);
    return new WebAssembly.Instance(module, { engine: this.#imports }).exports;
  }
}

/** Has the handlers of all shapes that there will be assembled into one module when the forms are kept. */
function keepHandlers(key: string, memory: FlatMemory, forms: Forms): void {
  const sizeOf = ({ buffer }: WebAssembly.Memory) => ({ buffer: { byteLength: buffer.byteLength } });
  // The memory itself is not held.
  const { size, marks, guest, control } = memory;
  const like = { size, marks, guest: sizeOf(guest), control: sizeOf(control) };
  forms.assembleWhenKept(key, (shapes) =>
    compileHandlers(
      shapes.map((shape) => shapeOf(shape)),
      like,
    ),
  );
}

/** What of a memory generated code of the interpreter depends on. */
export const modeOf = ({ size, marks }: FlatMemory): string => `${size}${marks ? ' marking' : ''}`;

/** The module of that key, compiled once a process. */
export function remembered(key: string, compile: () => AssembledModule): CompiledModule {
  let known = compiled.get(key);
  if (!known) {
    const { bytes, imports } = compile();
    known = { module: new WebAssembly.Module(bytes), imports };
    compiled.set(key, known);
  }
  return known;
}

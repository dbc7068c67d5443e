import { ByteWriter } from './byte-writer.ts';
import type { FunctionBody } from './function-body.ts';
import { type ValueType, valueTypes } from './opcodes.ts';

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Of a memory, what a module that imports it says. */
export interface SizedMemory {
  readonly buffer: { readonly byteLength: number };
}

/**
 * Assembles a module: imports first (functions, memories, one table), then functions. Function imports must all
 * be asked for before the first `define`d function is called, since their indices come first.
 */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes: ByteWriter[] = [];
  readonly #imports: ByteWriter[] = [];
  readonly #importedFunctions = new Map<string, number>();
  readonly #functions: { type: number; body: FunctionBody; name: string }[] = [];

  /** The index of a function type. */
  type({ parameters, results }: FunctionType): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    const bytes = new ByteWriter();
    bytes.byte(0x60);
    for (const types of [parameters, results]) {
      bytes.unsigned(types.length);
      for (const type of types) bytes.byte(valueTypes[type]);
    }
    this.#typeBytes.push(bytes);
    return this.#types.push(key) - 1;
  }

  /** The index of an imported function; asking again gives the same. */
  importFunction(module: string, name: string, type: FunctionType): number {
    const key = `${module}.${name}`;
    const known = this.#importedFunctions.get(key);
    if (known !== undefined) return known;
    const index = this.#importedFunctions.size;
    const entry = this.#import(module, name, 0x00);
    entry.unsigned(this.type(type));
    this.#importedFunctions.set(key, index);
    return index;
  }

  /** Imports a memory of fixed size, which is shared (see `allocate`); memories are numbered in the order of these calls. */
  importMemory(module: string, name: string, memory: SizedMemory): void {
    const pages = memory.buffer.byteLength / 0x1_0000;
    this.importGrowingMemory(module, name, pages, pages);
  }

  /** One of at least `least` pages that is said to grow to `most` at most. */
  importGrowingMemory(module: string, name: string, least: number, most: number): void {
    const entry = this.#import(module, name, 0x02);
    entry.byte(0x03);
    entry.unsigned(least);
    entry.unsigned(most);
  }

  importTable(module: string, name: string): void {
    const entry = this.#import(module, name, 0x01);
    entry.byte(0x70);
    entry.byte(0x00);
    entry.unsigned(0);
  }

  /** Adds an exported function; gives its index. */
  define(name: string, type: FunctionType, body: FunctionBody): number {
    const functions = this.#functions.push({ name, type: this.type(type), body });
    return this.#importedFunctions.size + functions - 1;
  }

  assemble(): Uint8Array<ArrayBuffer> {
    const module = new ByteWriter();
    module.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(module, 1, this.#typeBytes);
    section(module, 2, this.#imports);
    section(
      module,
      3,
      this.#functions.map(({ type }) => written((entry) => entry.unsigned(type))),
    );
    section(
      module,
      7,
      this.#functions.map(({ name }, index) =>
        written((entry) => {
          entry.name(name);
          entry.byte(0x00);
          entry.unsigned(this.#importedFunctions.size + index);
        }),
      ),
    );
    this.#writeHints(module);
    section(
      module,
      10,
      this.#functions.map(({ body }, index) =>
        written((entry) => entry.sized(body.assemble(this.#importedFunctions.size + index))),
      ),
    );
    return module.view();
  }

  /** The custom section of the branch hinting proposal. */
  #writeHints(module: ByteWriter): void {
    const first = this.#importedFunctions.size;
    const hinted = this.#functions
      .map(({ body }, index) => ({ index: first + index, hints: body.hints() }))
      .filter(({ hints }) => hints.length > 0);
    if (hinted.length === 0) return;
    const content = new ByteWriter();
    content.name('metadata.code.branch_hint');
    content.unsigned(hinted.length);
    for (const { index, hints } of hinted) {
      content.unsigned(index);
      content.unsigned(hints.length);
      for (const { at, hint } of hints) {
        content.unsigned(at);
        content.unsigned(1);
        content.byte(hint === 'likely' ? 1 : 0);
      }
    }
    module.byte(0);
    module.sized(content);
  }

  #import(module: string, name: string, kind: number): ByteWriter {
    const entry = new ByteWriter();
    entry.name(module);
    entry.name(name);
    entry.byte(kind);
    this.#imports.push(entry);
    return entry;
  }
}

function written(write: (entry: ByteWriter) => void): ByteWriter {
  const entry = new ByteWriter();
  write(entry);
  return entry;
}

function section(module: ByteWriter, id: number, entries: readonly ByteWriter[]): void {
  if (entries.length === 0) return;
  const content = new ByteWriter();
  content.unsigned(entries.length);
  for (const entry of entries) content.bytes(entry.view());
  module.byte(id);
  module.sized(content);
}

import type { IrBlock } from '../../../../domain/ir/node.ts';
import type { OpName } from '../../../../domain/ir/ops.ts';
import { type Operand, type Shape, shapeOf } from '../../../../domain/ir/shape.ts';
import type { Slot } from '../../../../domain/ir/types.ts';
import type { Lookups } from '../../../../domain/translation-cache/events.ts';
import type { CodeSource, LiftedInstruction } from '../../golden/instruction-source.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionTable } from '../function-table.ts';
import { isTranslatable } from '../region/translatable.ts';
import { regionExport } from '../region/region-frame.ts';
import type { RegionBlock } from '../region/region-discovery.ts';
import { dispatchModule, type DispatchHandler } from './dispatch-module.ts';
import { HandlerCompiler } from './handler-compiler.ts';
import { record, recordSize } from './record.ts';
import type { ThreadedArea } from './threaded-area.ts';

/** A block as threaded code: entered by calling `run(remaining, record)`, which is at `table` in the function table. */
export interface ThreadedBlock {
  readonly block: RegionBlock;
  readonly table: number;
  readonly run: CallableFunction;
  /** Where its head record lies in control memory, and in which segment of the area that is. */
  readonly record: number;
  readonly segment: number;
  /** Of handlers by shape, and of shapes by instruction. */
  readonly handlers: Lookups;
  readonly shapes: Lookups;
}

interface ShapedInstruction {
  readonly address: number;
  readonly lifted: LiftedInstruction;
  readonly shape: Shape;
}

/** The imports of generated modules; {@link Interpreter} adds what its handlers need. */
export type EngineImports = Record<string, unknown>;

/** As a heat: more than are ever counted. */
export const neverHot = 0x7fff_ffff;

const maxInstructions = 64;
/** Instructions whose shapes have more are stepped. (RISC-V's have 19 at most.) */
const maxOperands = 32;

/** Handlers do not depend on the machine but for its memory’s size and whether it is marked, so machines share them. */
const compiled = new Map<
  string,
  { readonly module: WebAssembly.Module; readonly imports: readonly string[] }
>();
const shapes = new WeakMap<IrBlock, Shape>();
const shapesByKey = new Map<string, Shape>();

/**
 * The tier for cold code: turns blocks into threaded code in control memory, whose handlers are compiled from the
 * instructions' IR, one a shape, when first needed.
 */
export class Interpreter {
  readonly #memory: FlatMemory;
  readonly #source: CodeSource;
  readonly #table: FunctionTable;
  readonly #imports: EngineImports;
  readonly #importOf: (name: string) => unknown;
  readonly #words: Int32Array;
  readonly #dispatch: Readonly<Record<DispatchHandler, number>>;
  readonly #run: CallableFunction;
  readonly #handlers = new Map<string, number>();
  readonly #area: ThreadedArea;
  readonly #dropSegment: (segment: number) => void;

  /**
   * `importOf` makes an import of generated code that `imports` does not have yet; `dropSegment` has the blocks of a segment of
   * the area forgotten.
   */
  constructor(
    memory: FlatMemory,
    source: CodeSource,
    table: FunctionTable,
    imports: EngineImports,
    importOf: (name: string) => unknown,
    pc: Slot<'i64'>,
    area: ThreadedArea,
    dropSegment: (segment: number) => void,
  ) {
    this.#memory = memory;
    this.#source = source;
    this.#table = table;
    this.#imports = imports;
    this.#importOf = importOf;
    this.#words = new Int32Array(memory.control.buffer);
    this.#area = area;
    this.#dropSegment = dropSegment;
    const key = `dispatch ${modeOf(memory)}`;
    const { module } = remembered(key, () => ({ bytes: dispatchModule(memory, pc), imports: [] }));
    const { head, step, goOn, chain, back } = new WebAssembly.Instance(module, { engine: imports }).exports;
    imports['chain'] = chain;
    imports['back'] = back;
    this.#run = head!;
    this.#dispatch = { head: table.add(head!), step: table.add(step!), goOn: table.add(goOn!) };
  }

  /** The block that begins at `address`; undefined when its first instruction has to be stepped. */
  translate(address: number): ThreadedBlock | undefined {
    const counts = { shapesKnown: 0, handlersKnown: 0 };
    const instructions = this.#instructionsFrom(address, counts);
    const last = instructions.at(-1);
    if (last === undefined) return undefined;
    const end = last.address + last.lifted.block.length;
    this.#makeRoom(sizeOf(instructions));
    const { free: head, segment } = this.#area;
    this.#write(this.#dispatch.head, instructions.length, address, neverHot, []);
    instructions.forEach(({ address: at, lifted, shape }, done) => {
      const known = this.#handlers.get(shape.key);
      if (known !== undefined) counts.handlersKnown++;
      const handler = known ?? this.#compile(shape);
      this.#write(handler, instructions.length - done, at, at + lifted.block.length, shape.operands);
    });
    const { op } = last.lifted.block.nodes.at(-1)!;
    if (op === 'next' || op === 'fenceInstruction') this.#write(this.#dispatch.goOn, 0, end, 0, []);
    return {
      block: { address, end, instructions },
      table: this.#dispatch.head,
      run: this.#run,
      record: head,
      segment,
      handlers: { hits: counts.handlersKnown, misses: instructions.length - counts.handlersKnown },
      shapes: { hits: counts.shapesKnown, misses: instructions.length - counts.shapesKnown },
    };
  }

  /** The instructions from `address` on to one that goes elsewhere, as far as they can be interpreted and have room. */
  #instructionsFrom(address: number, counts: { shapesKnown: number }): readonly ShapedInstruction[] {
    const instructions: ShapedInstruction[] = [];
    let bytes = 2 * recordSize(0);
    let end = address;
    for (let last: OpName = 'next'; last === 'next' && instructions.length < maxInstructions;) {
      const lifted = end < this.#memory.size ? this.#source.decode(end) : 'truncated';
      if (typeof lifted === 'string') break;
      const known = shapes.has(lifted.block);
      const shape = shapeOfBlock(lifted.block);
      const { key, operands } = shape;
      if (!this.#handlers.has(key) && (operands.length > maxOperands || !isTranslatable(lifted))) break;
      bytes += recordSize(operands.length);
      if (bytes > this.#area.segmentSize) break;
      instructions.push({ address: end, lifted, shape });
      if (known) counts.shapesKnown++;
      end += lifted.block.length;
      last = lifted.block.nodes.at(-1)!.op;
    }
    return instructions;
  }

  #makeRoom(bytes: number): void {
    if (this.#area.hasRoom(bytes)) return;
    this.#dropSegment(this.#area.next);
    this.#area.beginNext();
  }

  /** Has the block with this head record called hot when it has been entered `heat` more times. */
  warm(head: number, heat: number): void {
    this.#words[(head + record.next) >> 2] = Math.min(heat, neverHot);
  }

  #write(handler: number, left: number, address: number, next: number, operands: readonly Operand[]): void {
    const at = this.#area.free >> 2;
    const words = this.#words;
    words[at + (record.handler >> 2)] = handler;
    words[at + (record.left >> 2)] = left;
    words[at + (record.address >> 2)] = address;
    words[at + (record.next >> 2)] = next;
    let word = at + (record.operands >> 2);
    for (const operand of operands) {
      switch (operand.kind) {
        case 'state':
          words[word] = control.cpu + operand.slot.offset;
          break;
        case 'constant':
          words[word] = Number(BigInt.asIntN(32, operand.value));
          words[word + 1] = Number(BigInt.asIntN(32, operand.value >> 32n));
          break;
        case 'address': {
          const value = address + operand.offset;
          words[word] = value;
          words[word + 1] = Math.floor(value / 2 ** 32);
          break;
        }
      }
      word += record.operandSize >> 2;
    }
    this.#area.take(recordSize(operands.length));
  }

  #compile(shape: Shape): number {
    const { module, imports } = remembered(`${modeOf(this.#memory)} ${shape.key}`, () =>
      new HandlerCompiler(shape, this.#memory).compile(),
    );
    for (const name of imports) this.#imports[name] ??= this.#importOf(name);
    const instance = new WebAssembly.Instance(module, { engine: this.#imports });
    const handler = this.#table.add(instance.exports[regionExport]!);
    this.#handlers.set(shape.key, handler);
    return handler;
  }
}

/** What of a memory handlers depend on. */
const modeOf = ({ size, marks }: FlatMemory): string => `${size}${marks ? ' marking' : ''}`;

const sizeOf = (instructions: readonly ShapedInstruction[]): number =>
  instructions.reduce((sum, { shape }) => sum + recordSize(shape.operands.length), 2 * recordSize(0));

function shapeOfBlock(block: IrBlock): Shape {
  let shape = shapes.get(block);
  if (!shape) {
    shape = shapeOf(block, shapesByKey);
    shapes.set(block, shape);
    if (!shapesByKey.has(shape.key)) shapesByKey.set(shape.key, shape);
  }
  return shape;
}

function remembered(
  key: string,
  compile: () => { readonly bytes: Uint8Array<ArrayBuffer>; readonly imports: readonly string[] },
) {
  let known = compiled.get(key);
  if (!known) {
    const { bytes, imports } = compile();
    known = { module: new WebAssembly.Module(bytes), imports };
    compiled.set(key, known);
  }
  return known;
}

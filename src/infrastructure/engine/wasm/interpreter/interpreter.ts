import type { Slot } from '../../../../domain/ir/types.ts';
import type { Lookups } from '../../../../domain/translation-cache/events.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionTable } from '../function-table.ts';
import type { TranslatableSource } from '../translatable-source.ts';
import { exitCode, nowhere } from '../translated-function.ts';
import { dispatchModule, type DispatchHandler } from './dispatch-module.ts';
import { form, formFlag, type Forms, lengthOf, operandsOf } from './forms.ts';
import { type EngineImports, Handlers, modeOf, remembered } from './handlers.ts';
import { maxInstructions, record, recordSize } from './record.ts';
import type { ThreadedArea } from './threaded-area.ts';
import { type ThreadedHead, ThreadedTranslation } from './threaded-translation.ts';

/** A block as threaded code: entered by calling `run(remaining, record)`, which is at `table` in the function table. */
export interface ThreadedBlock {
  readonly translation: ThreadedTranslation;
  readonly instructions: number;
  /** Of the area: where it lies in control memory. */
  readonly segment: number;
  /** Of handlers by shape, and of shapes by instruction. */
  readonly handlers: Lookups;
  readonly shapes: Lookups;
}

/** As a heat: more than are ever counted. */
export const neverHot = 0x7fff_ffff;

const operandWords = record.operandSize >> 2;

/**
 * The tier for cold code: turns blocks into threaded code in control memory, whose handlers are compiled from the
 * instructions' IR, one a shape, when first needed.
 */
export class Interpreter {
  readonly #memory: FlatMemory;
  readonly #source: TranslatableSource;
  readonly #forms: Forms;
  readonly #handlers: Handlers;
  readonly #words: Int32Array;
  readonly #dispatch: Readonly<Record<DispatchHandler, number>>;
  /** What every block is entered by. */
  readonly head: ThreadedHead;
  readonly #enter: CallableFunction;
  readonly #area: ThreadedArea;
  readonly #dropSegment: (segment: number) => void;
  /** The forms of the block that is being translated. */
  readonly #block = new Int32Array(maxInstructions);
  #shapesKnown = 0;
  #handlersKnown = 0;

  /**
   * `importOf` makes an import of generated code that `imports` does not have yet; `dropSegment` has the blocks of a segment of
   * the area forgotten.
   */
  constructor(
    memory: FlatMemory,
    source: TranslatableSource,
    forms: Forms,
    table: FunctionTable,
    imports: EngineImports,
    importOf: (name: string) => unknown,
    pc: Slot<'i64'>,
    area: ThreadedArea,
    dropSegment: (segment: number) => void,
  ) {
    this.#memory = memory;
    this.#source = source;
    this.#forms = forms;
    this.#words = new Int32Array(memory.control.buffer);
    this.#area = area;
    this.#dropSegment = dropSegment;
    const key = `dispatch ${modeOf(memory)}`;
    const { module } = remembered(key, () =>
      forms.modules.get(key, () => ({ bytes: dispatchModule(memory, pc), imports: [] })),
    );
    const { head, step, goOn, pause, enter, chain, back } = new WebAssembly.Instance(module, {
      engine: imports,
    }).exports;
    imports['chain'] = chain;
    imports['back'] = back;
    this.#handlers = new Handlers(memory, forms, table, imports, importOf);
    this.#enter = enter!;
    this.#dispatch = {
      head: table.add(head!),
      step: table.add(step!),
      goOn: table.add(goOn!),
      pause: table.add(pause!),
    };
    this.#words[control.head >> 2] = this.#dispatch.head;
    this.#words[control.goOn >> 2] = this.#dispatch.goOn;
    this.head = { table: this.#dispatch.head, run: head! };
  }

  /** Has generated code thread what it meets, to be called hot after `heat` entries; 0: it is to leave for the engine. */
  threadAlone(heat: number): void {
    this.#words[control.threading >> 2] = Math.min(heat, neverHot);
  }

  /** The block that begins at `address`; undefined when its first instruction has to be stepped. */
  translate(address: number): ThreadedBlock | undefined {
    this.#shapesKnown = this.#handlersKnown = 0;
    const instructions = this.#formsFrom(address);
    if (instructions === 0) return undefined;
    this.#makeRoom(this.#sizeOf(instructions));
    const { free: head, segment } = this.#area;
    this.#write(this.#dispatch.head, instructions, address, neverHot);
    let end = address;
    let info = 0;
    for (let done = 0; done < instructions; done++) {
      info = this.#forms.words[this.#block[done]! + form.info]!;
      this.#writeInstruction(this.#block[done]!, instructions - done, end);
      end += lengthOf(info);
    }
    if (!(info & formFlag.last) || info & formFlag.goesOn) this.#write(this.#dispatch.goOn, 0, end, 0);
    return {
      translation: new ThreadedTranslation(address, end, head, this.head),
      instructions,
      segment,
      handlers: { hits: this.#handlersKnown, misses: instructions - this.#handlersKnown },
      shapes: { hits: this.#shapesKnown, misses: instructions - this.#shapesKnown },
    };
  }

  /** Has the block with this head record called hot when it has been entered `heat` more times. */
  warm(head: number, heat: number): void {
    this.#words[(head + record.next) >> 2] = Math.min(heat, neverHot);
  }

  /**
   * Executes the first `count` instructions of the block with this head record, which has more: a slice of so many. Gives the
   * result as `run` does.
   */
  runPart(head: number, count: number): number {
    const words = this.#words;
    const first = head + recordSize(0);
    let at = first;
    let address = words[(head + record.address) >> 2]! >>> 0;
    for (let n = 0; n < count; n++) {
      const place = this.#formAt(address);
      if (place === 0) return this.#leaveToStep(count);
      const info = this.#forms.words[place + form.info]!;
      at += recordSize(operandsOf(info));
      address += lengthOf(info);
    }
    const whole = words[(head + record.left) >> 2]!;
    const handler = (at + record.handler) >> 2;
    const paused = words[handler]!;
    words[handler] = this.#dispatch.pause;
    try {
      return this.#enter(count - whole, first, 0, nowhere) as number;
    } finally {
      words[handler] = paused;
    }
  }

  #leaveToStep(left: number): number {
    this.#words[control.remaining >> 2] = left;
    return ~exitCode.step;
  }

  /** Finds the instructions from `address` on to one that goes elsewhere, as far as they can be interpreted and have room. */
  #formsFrom(address: number): number {
    this.#forms.makeRoom();
    let bytes = 2 * recordSize(0);
    let count = 0;
    for (let end = address, info = 0; !(info & formFlag.last) && count < maxInstructions;) {
      const place = this.#formAt(end);
      if (place === 0) break;
      info = this.#forms.words[place + form.info]!;
      bytes += recordSize(operandsOf(info));
      if (bytes > this.#area.segmentSize) break;
      this.#block[count++] = place;
      end += lengthOf(info);
    }
    return count;
  }

  /** The place of the form of the instruction at `address`; 0 when it is to be stepped. */
  #formAt(address: number): number {
    const { size, bytes } = this.#memory;
    const source = this.#source;
    if (address >= size) return 0;
    const end = source.fetchEnd(address);
    if (end - address < 2) return 0;
    const known = this.#forms.find(bytes, address, end);
    if (known !== 0 && source.undisturbed) {
      this.#shapesKnown++;
      return known;
    }
    if (known === 0) {
      const lifted = source.decodeOnce(address);
      return typeof lifted === 'string' ? 0 : this.#forms.learn(lifted);
    }
    if (typeof source.decode(address) === 'string') return 0;
    this.#shapesKnown++;
    return known;
  }

  #sizeOf(instructions: number): number {
    const { words } = this.#forms;
    let size = 2 * recordSize(0);
    for (let n = 0; n < instructions; n++)
      size += recordSize(operandsOf(words[this.#block[n]! + form.info]!));
    return size;
  }

  #makeRoom(bytes: number): void {
    if (this.#area.hasRoom(bytes)) return;
    this.#dropSegment(this.#area.next);
    this.#area.beginNext();
  }

  /** Writes a record without operands. */
  #write(handler: number, left: number, address: number, next: number): void {
    const at = this.#area.free >> 2;
    this.#writeHeader(at, handler, left, address, next);
    this.#area.take(recordSize(0));
  }

  #writeInstruction(place: number, left: number, address: number): void {
    const { words: forms } = this.#forms;
    const shape = forms[place + form.shape]!;
    const info = forms[place + form.info]!;
    const known = this.#handlers.known(shape);
    if (known !== undefined) this.#handlersKnown++;
    const at = this.#area.free >> 2;
    this.#writeHeader(at, known ?? this.#handlers.of(shape), left, address, address + lengthOf(info));
    const words = this.#words;
    const to = at + (record.operands >> 2);
    const from = place + form.operands;
    const operands = operandsOf(info);
    for (let word = 0; word < operands * operandWords; word++) words[to + word] = forms[from + word]!;
    for (let left = forms[place + form.addresses]!; left !== 0; left &= left - 1) {
      const word = to + operandWords * (31 - Math.clz32(left & -left));
      const value = address + words[word]!;
      words[word] = value;
      words[word + 1] = Math.floor(value / 2 ** 32);
    }
    this.#area.take(recordSize(operands));
  }

  #writeHeader(at: number, handler: number, left: number, address: number, next: number): void {
    const words = this.#words;
    words[at + (record.handler >> 2)] = handler;
    words[at + (record.left >> 2)] = left;
    words[at + (record.address >> 2)] = address;
    words[at + (record.next >> 2)] = next;
  }
}

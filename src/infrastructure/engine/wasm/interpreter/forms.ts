import { BlockBuilder } from '../../../../domain/ir/builder.ts';
import type { IrBlock } from '../../../../domain/ir/node.ts';
import { type Operand, signatureOf } from '../../../../domain/ir/shape.ts';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import type { LiftedInstruction } from '../../golden/instruction-source.ts';
import { control } from '../../memory/control-memory.ts';
import { isTranslatable } from '../region/translatable.ts';
import { type AssembledModule, AssembledModules, type KeptModule } from './assembled-modules.ts';
import { EncodingIndex, type EncodingTables } from './encoding-index.ts';
import { FormsMemory } from './forms-memory.ts';
import { record } from './record.ts';

/**
 * A form is an instruction as the interpreter writes it into records, wherever it lies: its shape, and its operands. Forms are i32s one
 * after another, in {@link Forms.words}; these are the places of what a form has.
 */
export const form = {
  /** The number of its shape. */
  shape: 0,
  /** Bits 0 to 7: bytes of the instruction; 8 to 15: operands; then {@link formFlag}. */
  info: 1,
  /** Which operands are addresses, and hold an offset from the instruction's own: a bit each. */
  addresses: 2,
  /** As they stand in a record. */
  operands: 3,
} as const;

export const formFlag = {
  /** The instruction is the last of its block. */
  last: 1 << 16,
  /** Although it goes on to the next one. */
  goesOn: 1 << 17,
} as const;

export const lengthOf = (info: number): number => info & 0xff;
export const operandsOf = (info: number): number => (info >> 8) & 0xff;

/** Instructions whose shapes have more are stepped. (RISC-V's have 19 at most.) */
const maxOperands = 32;
const maxEncodings = 1 << 18;

/** A shape, and the encoding of an instruction that has it. */
export interface KnownShape {
  readonly key: string;
  readonly bits: string;
  readonly length: number;
}

/** All that a table of forms holds. */
export interface FormsImage extends EncodingTables {
  /** Where the forms and the encodings of four bytes lie, as generated code reads them. */
  readonly memory: FormsMemory;
  readonly shapes: readonly KnownShape[];
  readonly words: Int32Array;
  readonly modules: readonly KeptModule[];
}

/** The forms of the encodings that were met, for all machines of an instruction set. */
export class Forms {
  /** Where they lie, as generated code reads them. */
  readonly memory: FormsMemory;
  /** Modules that are kept with the forms. */
  readonly modules: AssembledModules;
  readonly #isa: InstructionSet;
  readonly #shapes: KnownShape[];
  readonly #numbers: Map<string, number>;
  readonly #index: EncodingIndex;
  readonly #assemblers = new Map<string, (shapes: readonly IrBlock[]) => AssembledModule>();
  #used: number;

  /** `image`: of a table of the same instruction set; what it lies in is this one's. */
  constructor(isa: InstructionSet, image?: FormsImage) {
    this.#isa = isa;
    this.memory = image?.memory ?? new FormsMemory();
    this.modules = new AssembledModules(image?.modules);
    this.#shapes = [...(image?.shapes ?? [])];
    this.#numbers = new Map(this.#shapes.map(({ key }, number) => [key, number]));
    this.#index = new EncodingIndex(this.memory, undefined, image);
    // A form's place is never 0.
    this.#used = image?.words.length ?? 1;
  }

  /** The forms; other words when forms have been added. */
  get words(): Int32Array {
    return this.memory.words;
  }

  get image(): FormsImage {
    const shapes = this.#shapes;
    const words = this.words.subarray(0, this.#used);
    return { ...this.#index.tables, memory: this.memory, shapes, words, modules: this.modules.kept };
  }

  /** Whether a module that depends on all shapes is asked for, and is neither kept nor in the place of another. */
  get lacksModules(): boolean {
    return (
      !this.modules.full && [...this.#assemblers.keys()].some((key) => this.modules.find(key) === undefined)
    );
  }

  /** Assembles the modules that depend on all shapes. */
  assembleModules(): void {
    const examples = this.#shapes.map((_, shape) => this.exampleOf(shape));
    for (const [key, assemble] of this.#assemblers) this.modules.replace(key, assemble(examples));
  }

  /** `assemble` makes, of an example of each shape, the module that is kept as `key`. */
  assembleWhenKept(key: string, assemble: (shapes: readonly IrBlock[]) => AssembledModule): void {
    this.#assemblers.set(key, assemble);
  }

  get shapes(): number {
    return this.#shapes.length;
  }

  /** Encodings. */
  get size(): number {
    return this.#index.size;
  }

  /** The key of a shape. */
  keyOf(shape: number): string {
    return this.#shapes[shape]!.key;
  }

  /** The IR of an instruction that has the shape. */
  exampleOf(shape: number): IrBlock {
    const { bits, length } = this.#shapes[shape]!;
    const bytes = Uint8Array.from({ length }, (_, n) => Number((BigInt(bits) >> BigInt(8 * n)) & 0xffn));
    const decoded = this.#isa.decode(bytes);
    if (typeof decoded === 'string') throw new TypeError(`${bits} is ${decoded} as an example of a shape`);
    const builder = new BlockBuilder(this.#isa.layout);
    builder.instruction(decoded.length);
    decoded.lift(builder);
    return builder.finish();
  }

  /** The place of the form of the instruction at `bytes[at … end)`; 0: it was not met yet. */
  find(bytes: Uint8Array, at: number, end: number): number {
    return this.#index.find(bytes, at, end);
  }

  /** The place of an instruction's form; 0 when the interpreter cannot do it. Keeps forms of encodings of two and four bytes. */
  learn(lifted: LiftedInstruction): number {
    const { block, decoded } = lifted;
    const { key, operands } = signatureOf(block);
    let shape = this.#numbers.get(key);
    if (shape === undefined) {
      if (operands.length > maxOperands || !isTranslatable(lifted)) return 0;
      shape = this.#shapes.push({ key, bits: String(decoded.bits), length: decoded.length }) - 1;
      this.#numbers.set(key, shape);
    }
    const place = this.#write(shape, block, operands);
    if (decoded.length === 2 || decoded.length === 4)
      this.#index.set(Number(decoded.bits), decoded.length, place);
    return place;
  }

  /** Forgets forms where there are too many; whoever has places of forms looks them up again. */
  makeRoom(): void {
    if (this.#index.size < maxEncodings && this.#used < 1 << 24) return;
    this.#index.clear();
    this.#used = 1;
  }

  #write(shape: number, block: IrBlock, operands: readonly Operand[]): number {
    const place = this.#used;
    const end = place + form.operands + operands.length * (record.operandSize >> 2);
    this.memory.reserve(end);
    const { words } = this;
    const { op } = block.nodes.at(-1)!;
    const flags = (op === 'next' ? 0 : formFlag.last) | (op === 'fenceInstruction' ? formFlag.goesOn : 0);
    let addresses = 0;
    operands.forEach((operand, position) => {
      const at = place + form.operands + position * (record.operandSize >> 2);
      if (operand.kind === 'address') addresses |= 1 << position;
      const value = wordsOf(operand);
      words[at] = Number(BigInt.asIntN(32, value));
      words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
    });
    words[place + form.shape] = shape;
    words[place + form.info] = block.length | (operands.length << 8) | flags;
    words[place + form.addresses] = addresses;
    this.#used = end;
    return place;
  }
}

const known = new WeakMap<InstructionSet, Forms>();

/** The forms of an instruction set, one table a process. */
export function formsOf(isa: InstructionSet): Forms {
  let forms = known.get(isa);
  if (!forms) known.set(isa, (forms = new Forms(isa)));
  return forms;
}

/** Has the forms of an instruction set begin with those of `image`; to be called before there are any. */
export function beginForms(isa: InstructionSet, image: FormsImage): void {
  if (!known.has(isa)) known.set(isa, new Forms(isa, image));
}

/** An operand as it stands in a record, but for an address, which is an offset yet. */
function wordsOf(operand: Operand): bigint {
  switch (operand.kind) {
    case 'state':
      return BigInt(control.cpu + operand.slot.offset);
    case 'constant':
      return operand.value;
    case 'address':
      return BigInt(operand.offset);
  }
}

import { ByteWriter } from './byte-writer.ts';
import {
  laneOps,
  type MemoryOp,
  memoryOps,
  type PlainOp,
  plainOps,
  type SimdOp,
  simdOps,
  type ValueType,
  valueTypes,
} from './opcodes.ts';

/** A structured block that branches can name while it is open. */
export interface Label {
  readonly depth: number;
}

/** What is known of a branch; engines that read the branch hint section lay code out accordingly. */
export type BranchHint = 'likely' | 'unlikely';

const emptyType = 0x40;

/**
 * One function under construction. Methods append instructions in the order of the text format's folded-out form;
 * labels are objects, so relative depths need no counting. Locals: parameters first, then in the order asked for.
 */
export class FunctionBody {
  readonly #code = new ByteWriter();
  readonly #parameterCount: number;
  readonly #locals: ValueType[] = [];
  readonly #hints: { readonly at: number; readonly hint: BranchHint }[] = [];
  readonly #callsOfItself: number[] = [];
  #depth = 0;

  constructor(parameters: readonly ValueType[]) {
    this.#parameterCount = parameters.length;
  }

  /** A new local's index. */
  local(type: ValueType): number {
    return this.#parameterCount + this.#locals.push(type) - 1;
  }

  op(...names: PlainOp[]): void {
    for (const name of names) {
      const code = plainOps[name];
      if (code > 0xff) this.#code.byte(code >> 8);
      this.#code.byte(code & 0xff);
    }
  }

  simd(name: SimdOp): void {
    this.#withIndex(0xfd, simdOps[name]);
  }
  extractLane(format: 'f32' | 'f64', lane: number): void {
    this.#withIndex(0xfd, laneOps[format === 'f64' ? 'f64x2.extract_lane' : 'f32x4.extract_lane']);
    this.#code.byte(lane);
  }

  i32(value: number): void {
    this.#code.byte(0x41);
    this.#code.signed(value);
  }
  i64(value: bigint): void {
    this.#code.byte(0x42);
    this.#code.signed64(value);
  }
  f64(value: number): void {
    this.#code.byte(0x44);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.#code.bytes(bytes);
  }

  get(local: number): void {
    this.#withIndex(0x20, local);
  }
  set(local: number): void {
    this.#withIndex(0x21, local);
  }
  tee(local: number): void {
    this.#withIndex(0x22, local);
  }

  /** A load or store at the address on the stack plus `offset`, in the memory with this index, of any alignment. */
  memory(name: MemoryOp, memory: number, offset = 0): void {
    this.#code.byte(memoryOps[name]);
    this.#code.unsigned(memory === 0 ? 0 : 0x40);
    if (memory !== 0) this.#code.unsigned(memory);
    this.#code.unsigned(offset);
  }

  block(type?: ValueType): Label {
    return this.#open(0x02, type);
  }
  loop(): Label {
    return this.#open(0x03);
  }
  if(type?: ValueType, hint?: BranchHint): Label {
    this.#hint(hint);
    return this.#open(0x04, type);
  }
  else(): void {
    this.#code.byte(0x05);
  }
  end(): void {
    this.#depth--;
    this.#code.byte(0x0b);
  }
  branch(label: Label): void {
    this.#withIndex(0x0c, this.#depth - label.depth);
  }
  branchIf(label: Label, hint?: BranchHint): void {
    this.#hint(hint);
    this.#withIndex(0x0d, this.#depth - label.depth);
  }
  branchTable(labels: readonly Label[], otherwise: Label): void {
    this.#withIndex(0x0e, labels.length);
    for (const label of labels) this.#code.unsigned(this.#depth - label.depth);
    this.#code.unsigned(this.#depth - otherwise.depth);
  }
  call(functionIndex: number): void {
    this.#withIndex(0x10, functionIndex);
  }
  /** Calls this very function, whose index is known only when it is assembled. */
  callItself(): void {
    this.#code.byte(0x10);
    this.#callsOfItself.push(this.#code.length);
    this.#code.bytes([0, 0, 0, 0, 0]);
  }
  callIndirect(typeIndex: number, table: number): void {
    this.#withIndex(0x11, typeIndex);
    this.#code.unsigned(table);
  }
  returnCall(functionIndex: number): void {
    this.#withIndex(0x12, functionIndex);
  }
  returnCallIndirect(typeIndex: number, table: number): void {
    this.#withIndex(0x13, typeIndex);
    this.#code.unsigned(table);
  }

  /** The code section's entry; `index`: the function's. */
  assemble(index: number): ByteWriter {
    const body = this.#declarations();
    for (const at of this.#callsOfItself) this.#code.patchUnsigned(at, index);
    body.bytes(this.#code.view());
    body.byte(0x0b);
    return body;
  }

  /** The hints, by the place of their branch in the code section's entry. */
  hints(): readonly { readonly at: number; readonly hint: BranchHint }[] {
    const start = this.#declarations().length;
    return this.#hints.map(({ at, hint }) => ({ at: start + at, hint }));
  }

  #declarations(): ByteWriter {
    const declarations = new ByteWriter();
    declarations.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      declarations.unsigned(1);
      declarations.byte(valueTypes[type]);
    }
    return declarations;
  }

  #hint(hint: BranchHint | undefined): void {
    if (hint) this.#hints.push({ at: this.#code.length, hint });
  }

  #open(code: number, type?: ValueType): Label {
    this.#code.byte(code);
    this.#code.byte(type === undefined ? emptyType : valueTypes[type]);
    return { depth: ++this.#depth };
  }

  #withIndex(code: number, index: number): void {
    this.#code.byte(code);
    this.#code.unsigned(index);
  }
}

import type {
  Access,
  Attributes,
  Counter,
  IrBlock,
  JumpHint,
  Node,
  Ordering,
  RmwOperation,
  TrapCause,
  Value,
} from './node.ts';
import { opOf, type OpName } from './ops.ts';
import { type FloatType, type IntType, type IrType, type Slot, type StateLayout, widths } from './types.ts';

type Int<T extends IntType> = Value<T>;
type Mode = Value<'i8'>;

const plain: Access = { endian: 'little', ordering: 'plain', aligned: false };

/**
 * Builds {@link IrBlock}s, one after the other. An instruction's semantics calls `read`, computes, and ends with `write`s: within an
 * instruction nothing that can fault may follow a write (the verifier checks), which makes every fault precise.
 */
export class BlockBuilder {
  readonly layout: StateLayout;
  #nodes: Node[] = [];
  #offset = 0;
  #length = 0;
  #instructions = 0;
  #closed = false;

  constructor(layout: StateLayout) {
    this.layout = layout;
  }

  /** Begins the next guest instruction, of `length` bytes. */
  instruction(length: number): void {
    this.#offset = this.#length;
    this.#length += length;
    this.#instructions++;
    this.#add('instruction', 'void', [], { offset: this.#offset, length });
  }

  /** Whether a terminator has been built. */
  get closed(): boolean {
    return this.#closed;
  }

  get instructionCount(): number {
    return this.#instructions;
  }

  /** Ends the block (falling through when no terminator was built) and returns it; what is built next is another. */
  finish(): IrBlock {
    if (!this.#closed) this.next();
    const block = {
      layout: this.layout,
      nodes: this.#nodes,
      length: this.#length,
      instructionCount: this.#instructions,
    };
    this.#nodes = [];
    this.#offset = this.#length = this.#instructions = 0;
    this.#closed = false;
    return block;
  }

  const<T extends IrType>(type: T, value: bigint | number): Value<T> {
    return this.#add('const', type, [], { value: BigInt.asUintN(widths[type], BigInt(value)) });
  }
  i1 = (value: boolean): Value<'i1'> => this.const('i1', value ? 1n : 0n);
  i8 = (value: number): Value<'i8'> => this.const('i8', value);
  i32 = (value: bigint | number): Value<'i32'> => this.const('i32', value);
  i64 = (value: bigint | number): Value<'i64'> => this.const('i64', value);
  /** The address of the current instruction plus `offset` bytes. */
  pc = (offset = 0): Value<'i64'> => this.#add('pc', 'i64', [], { offset: this.#offset + offset });
  /** The address after the current instruction. */
  nextPc = (): Value<'i64'> => this.#add('pc', 'i64', [], { offset: this.#length });

  add = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('add', a, b);
  sub = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('sub', a, b);
  mul = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('mul', a, b);
  mulHighU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('mulHighU', a, b);
  mulHighS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('mulHighS', a, b);
  mulHighSU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('mulHighSU', a, b);
  divU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('divU', a, b);
  divS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('divS', a, b);
  remU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('remU', a, b);
  remS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('remS', a, b);
  and = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('and', a, b);
  or = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('or', a, b);
  xor = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('xor', a, b);
  shl = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('shl', a, b);
  shrU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('shrU', a, b);
  shrS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('shrS', a, b);
  rotl = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('rotl', a, b);
  rotr = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#same('rotr', a, b);
  clz = <T extends IntType>(a: Int<T>): Value<T> => this.#add('clz', a.type, [a]);
  ctz = <T extends IntType>(a: Int<T>): Value<T> => this.#add('ctz', a.type, [a]);
  popcount = <T extends IntType>(a: Int<T>): Value<T> => this.#add('popcount', a.type, [a]);
  byteSwap = <T extends IntType>(a: Int<T>): Value<T> => this.#add('byteSwap', a.type, [a]);
  not = <T extends IntType>(a: Int<T>): Value<T> => this.xor(a, this.const(a.type, -1n));
  neg = <T extends IntType>(a: Int<T>): Value<T> => this.sub(this.const(a.type, 0n), a);
  eq = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('eq', 'i1', [a, b]);
  ne = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('ne', 'i1', [a, b]);
  ltU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('ltU', 'i1', [a, b]);
  leU = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('leU', 'i1', [a, b]);
  ltS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('ltS', 'i1', [a, b]);
  leS = <T extends IntType>(a: Int<T>, b: Int<T>) => this.#add('leS', 'i1', [a, b]);
  select = <T extends IrType>(condition: Value<'i1'>, a: Value<T>, b: Value<T>): Value<T> =>
    this.#add('select', a.type, [condition, a, b]);
  zext = <T extends IntType>(a: Int<IntType>, type: T): Value<T> => this.#resize('zext', a, type);
  sext = <T extends IntType>(a: Int<IntType>, type: T): Value<T> => this.#resize('sext', a, type);
  trunc = <T extends IntType>(a: Int<IntType>, type: T): Value<T> => this.#resize('trunc', a, type);
  /** Reads the same bits as another type of the same width. */
  bitcast = <T extends IrType>(a: Value, type: T): Value<T> =>
    (a.type as IrType) === type ? (a as Value<T>) : this.#add('bitcast', type, [a]);
  extract = <T extends IntType>(a: Int<IntType>, lsb: number, type: T) =>
    this.#add('extract', type, [a], { lsb });
  concat = <T extends IntType>(high: Int<IntType>, low: Int<IntType>, type: T) =>
    this.#add('concat', type, [high, low]);
  laneExtract = <T extends IrType>(v: Value<'v128'>, lane: Value<'i8'>, type: T) =>
    this.#add('laneExtract', type, [v, lane]);
  laneInsert = (v: Value<'v128'>, lane: number, value: Value) =>
    this.#add('laneInsert', 'v128', [v, value], { lane });

  fadd = <T extends FloatType>(a: Value<T>, b: Value<T>, rm: Mode) => this.#float('fadd', a.type, a, b, rm);
  fsub = <T extends FloatType>(a: Value<T>, b: Value<T>, rm: Mode) => this.#float('fsub', a.type, a, b, rm);
  fmul = <T extends FloatType>(a: Value<T>, b: Value<T>, rm: Mode) => this.#float('fmul', a.type, a, b, rm);
  fdiv = <T extends FloatType>(a: Value<T>, b: Value<T>, rm: Mode) => this.#float('fdiv', a.type, a, b, rm);
  fsqrt = <T extends FloatType>(a: Value<T>, rm: Mode) => this.#float('fsqrt', a.type, a, rm);
  /** a × b + c with a single rounding. */
  fma = <T extends FloatType>(a: Value<T>, b: Value<T>, c: Value<T>, rm: Mode) =>
    this.#float('fma', a.type, a, b, c, rm);
  fmin = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fmin', a.type, a, b);
  fmax = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fmax', a.type, a, b);
  feqQuiet = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('feqQuiet', 'i1', a, b);
  fltQuiet = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fltQuiet', 'i1', a, b);
  fleQuiet = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fleQuiet', 'i1', a, b);
  fltSignaling = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fltSignaling', 'i1', a, b);
  fleSignaling = <T extends FloatType>(a: Value<T>, b: Value<T>) => this.#float('fleSignaling', 'i1', a, b);
  floatToIntS = <T extends IntType>(a: Value<FloatType>, rm: Mode, type: T) =>
    this.#float('floatToIntS', type, a, rm);
  floatToIntU = <T extends IntType>(a: Value<FloatType>, rm: Mode, type: T) =>
    this.#float('floatToIntU', type, a, rm);
  intToFloatS = <T extends FloatType>(a: Int<IntType>, rm: Mode, type: T) =>
    this.#float('intToFloatS', type, a, rm);
  intToFloatU = <T extends FloatType>(a: Int<IntType>, rm: Mode, type: T) =>
    this.#float('intToFloatU', type, a, rm);
  floatToFloat = <T extends FloatType>(a: Value<FloatType>, rm: Mode, type: T) =>
    this.#float('floatToFloat', type, a, rm);
  /** The exceptions raised by the float op that computed `value`. */
  fpFlags = (value: Value) => this.#add('fpFlags', 'i32', [value]);
  /** Accumulates those exceptions into the layout's fpExceptions slot. */
  raise = (value: Value): void => void this.#add('raise', 'void', [value]);

  read = <T extends IrType>(slot: Slot<T>): Value<T> => this.#add('read', slot.type, [], { slot });
  write = <T extends IrType>(slot: Slot<T>, value: Value<T>): void =>
    void this.#add('write', 'void', [value], { slot });
  counter = (counter: Counter) => this.#add('counter', 'i64', [], { counter });

  load = <T extends IrType>(type: T, address: Value<'i64'>, access: Partial<Access> = {}): Value<T> =>
    this.#add('load', type, [address], { ...plain, ...access });
  store = (address: Value<'i64'>, value: Value, access: Partial<Access> = {}): void =>
    void this.#add('store', 'void', [address, value], { ...plain, ...access });
  storeIf = (
    condition: Value<'i1'>,
    address: Value<'i64'>,
    value: Value,
    access: Partial<Access> = {},
  ): void => void this.#add('storeIf', 'void', [condition, address, value], { ...plain, ...access });
  /** Atomically replaces memory by operation(old, operand) and gives old. */
  rmw = <T extends IntType>(
    operation: RmwOperation,
    address: Value<'i64'>,
    operand: Int<T>,
    access: Partial<Access> = {},
  ) => this.#add('rmw', operand.type, [address, operand], { ...plain, aligned: true, ...access, operation });
  /** Atomically stores `desired` if memory holds `expected`; gives the old value. */
  compareExchange = <T extends IntType>(
    address: Value<'i64'>,
    expected: Int<T>,
    desired: Int<T>,
    access: Partial<Access> = {},
  ) =>
    this.#add('compareExchange', expected.type, [address, expected, desired], {
      ...plain,
      aligned: true,
      ...access,
    });
  fence = (ordering: Ordering): void => void this.#add('fence', 'void', [], { ordering });

  trapIf = (condition: Value<'i1'>, cause: TrapCause): void =>
    void this.#add('trapIf', 'void', [condition], { cause });
  trap = (cause: TrapCause): void => this.#close('trap', [], { cause });
  jump = (target: Value<'i64'>, hint: JumpHint = 'none'): void => this.#close('jump', [target], { hint });
  /** Goes to `taken` if the condition holds, else to the next instruction. */
  branch = (condition: Value<'i1'>, taken: Value<'i64'>): void =>
    this.#close('branch', [condition, taken, this.nextPc()]);
  /** Falls through to the instruction after the block. */
  next = (): void => this.#close('next', []);
  /** Calls the operating system; the pc is that of the next instruction. */
  syscall = (): void => this.#close('syscall', []);
  /** Makes earlier stores visible to instruction fetch; goes to the next instruction. */
  fenceInstruction = (): void => this.#close('fenceInstruction', []);

  #same<T extends IntType>(op: OpName, a: Int<T>, b: Int<T>): Value<T> {
    return this.#add(op, a.type, [a, b]);
  }

  #resize<T extends IntType>(op: 'zext' | 'sext' | 'trunc', a: Int<IntType>, type: T): Value<T> {
    return a.type === type ? (a as Value<T>) : this.#add(op, type, [a]);
  }

  #float<T extends IrType>(op: OpName, type: T, ...args: Value[]): Value<T> {
    return this.#add(op, type, args);
  }

  #close(op: OpName, args: Value[], attr?: Attributes[keyof Attributes]): void {
    this.#add(op, 'void', args, attr);
    this.#closed = true;
  }

  #add<T extends IrType>(
    op: OpName,
    type: T | 'void',
    args: readonly Value[],
    attr?: Attributes[keyof Attributes],
  ): Value<T> {
    if (this.#closed) throw new TypeError(`${op} after the end of a block`);
    if (this.#instructions === 0 && op !== 'instruction' && opOf(op).effect !== 'none')
      throw new TypeError(`${op} before the first instruction`);
    const node = { id: this.#nodes.length, op, type, args, attr } as Node;
    this.#nodes.push(node);
    return node as unknown as Value<T>;
  }
}

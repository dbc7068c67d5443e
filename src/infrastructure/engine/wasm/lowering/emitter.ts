import type { JumpHint, Node, Value } from '../../../../domain/ir/node.ts';
import { type IrType, type Slot, widths } from '../../../../domain/ir/types.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FunctionBody } from '../codegen/function-body.ts';
import type { FunctionType } from '../codegen/module-builder.ts';
import type { ValueType } from '../codegen/opcodes.ts';
import { UnsupportedIr } from './unsupported-ir.ts';

/** Memory indices of generated modules. */
export const guestMemory = 0;
export const controlMemory = 1;
export const marksMemory = 2;

/**
 * What lowering one instruction's IR may use. Representation: i1 to i32 and f32 are wasm i32 holding the
 * zero-extended pattern; i64 and f64 are wasm i64. Floats are patterns, so no host NaN rule ever applies.
 */
export interface Emitter {
  readonly code: FunctionBody;
  /** Bytes of guest memory. */
  readonly memorySize: number;
  /** Where accesses are marked, if they are. */
  readonly marks: EffectMarks | undefined;
  /** Pushes an argument's value. */
  arg(node: Node, position: number): void;
  /** A scratch local, free again after the op. */
  temp(type: ValueType): number;
  /** Pushes a guest state slot as it was when the block began. */
  pushSlot(slot: Slot): void;
  write(slot: Slot, value: Value): void;
  /** The local of the fpExceptions slot. */
  stickyExceptions(): number;
  /** The value, when the block makes it a constant. */
  constantOf(value: Value): bigint | undefined;
  /** For a float op: who looks at its exceptions, and the local for them. */
  flagUse(node: Node | Value): 'none' | 'raise' | 'exact';
  flagLocal(node: Node | Value): number;
  /** The index of an imported function of the engine. */
  imported(name: string, type: FunctionType): number;
  /** Leaves so that the current instruction, which has had no effect, is stepped. */
  leaveToStep(): void;
  /**
   * Pushes the i32 base of an access that traps by itself, and gives the offset from it; undefined when the access has to be
   * looked at.
   */
  pushTrapping(node: Node): number | undefined;
  /** Whether an access has been marked together with others. */
  isMarked(node: Node): boolean;
  /** Whether what is off the fast path is done by a call; otherwise by `leaveForSlowPath`. */
  readonly callsSlowPath: boolean;
  /** Leaves so that the current instruction, which has had no effect, is done where slow paths are called. */
  leaveForSlowPath(): void;
  /** Pushes the number of instructions retired before this one, an i64. */
  retired(): void;
  /** Ends the instruction by going to a value of the block or to the instruction after it. */
  goTo(target: Value, hint: JumpHint): void;
  goToNext(): void;
  branchTo(node: Node): void;
  leaveToSystem(): void;
}

export type Lowering = (e: Emitter, node: Node) => void;

/** The wasm type that represents an IR type. Throws UnsupportedIr for the 128-bit ones. */
export function representation(type: IrType | 'void', op = 'a value'): 'i32' | 'i64' {
  if (type === 'void' || widths[type] > 64) throw new UnsupportedIr(op, type);
  return widths[type] === 64 ? 'i64' : 'i32';
}

/** The type of an argument of a node. */
export const typeOf = (node: Node, position: number): IrType => node.args[position]!.type;
export const widthOf = (type: IrType | 'void'): number => (type === 'void' ? 0 : widths[type]);

/** Clears the bits of an i32 on the stack beyond a narrow type. */
export function narrow(e: Emitter, type: IrType | 'void'): void {
  const width = widthOf(type);
  if (width >= 32) return;
  e.code.i32(2 ** width - 1);
  e.code.op('i32.and');
}

/** Sign-extends a narrow pattern on the stack within its i32. */
export function signExtendNarrow(e: Emitter, type: IrType): void {
  if (type === 'i8') e.code.op('i32.extend8_s');
  else if (type === 'i16') e.code.op('i32.extend16_s');
  else if (type === 'i1') {
    e.code.i32(31);
    e.code.op('i32.shl');
    e.code.i32(31);
    e.code.op('i32.shr_s');
  }
}

/** Pushes a constant of a representation. */
export function constant(e: Emitter, type: 'i32' | 'i64', value: bigint): void {
  if (type === 'i64') e.code.i64(value);
  else e.code.i32(Number(BigInt.asIntN(32, value)));
}

import type { Slot } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionBody, Label } from '../codegen/function-body.ts';
import { emitFrameArguments, emitJumpAddress, emitJumpArguments, type JumpLocals } from '../jump-lookup.ts';
import { controlMemory } from '../lowering/emitter.ts';
import { exitCode } from '../translated-function.ts';

/** Guest calls that are wasm calls at the same time; one more is a jump. Each takes host stack. */
const maxDepth = 200;

/** What is called: the code at pc, or the region that calls. */
export type Callee = 'pc' | 'itself';

export interface CallSurroundings {
  readonly memory: FlatMemory;
  readonly pcSlot: Slot<'i64'>;
  /** The index of the type of translated functions. */
  readonly type: number;
  /** Where to leave for pc. */
  readonly goOn: Label;
}

/** Emits a guest call as a wasm call. What follows runs when it has returned to `returnsTo`; all guest state is in memory then. */
export function emitGuestCall(
  code: FunctionBody,
  locals: JumpLocals,
  callee: Callee,
  returnsTo: number,
  { memory, pcSlot, type, goOn }: CallSurroundings,
): void {
  code.get(locals.depth);
  code.i32(maxDepth);
  code.op('i32.ge_u');
  code.branchIf(goOn, 'unlikely');
  if (callee === 'itself') {
    code.get(locals.remaining);
    code.i32(0);
    emitFrameArguments(code, locals, returnsTo);
    code.callItself();
  } else {
    emitJumpAddress(code, memory, locals);
    code.op('i64.ne');
    code.branchIf(goOn, 'unlikely');
    emitJumpArguments(code, memory, locals, returnsTo);
    code.callIndirect(type, 0);
  }
  code.tee(locals.remaining);
  code.i32(0);
  code.op('i32.lt_s');
  code.if(undefined, 'unlikely');
  passOn(code, locals, pcSlot, goOn);
  code.end();
}

/** What was called has not returned to where it was to. */
function passOn(code: FunctionBody, { remaining, pc }: JumpLocals, pcSlot: Slot<'i64'>, goOn: Label): void {
  code.get(remaining);
  code.i32(~exitCode.returned);
  code.op('i32.ne');
  code.if();
  code.get(remaining);
  code.op('return');
  code.end();
  code.i32(0);
  code.memory('i32.load', controlMemory, control.remaining);
  code.set(remaining);
  code.i32(control.cpu);
  code.memory('i64.load', controlMemory, pcSlot.offset);
  code.set(pc);
  code.branch(goOn);
}

import { jumpCache, jumpCacheAt } from '../memory/control-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { FunctionBody } from './codegen/function-body.ts';
import { controlMemory } from './lowering/emitter.ts';

export interface JumpLocals {
  /** i32: the instructions that remain. */
  readonly remaining: number;
  /** i64: the address to go on at. */
  readonly pc: number;
  /** i32: how many guest calls lie below. */
  readonly depth: number;
  /** i32: where the guest call above returns to. */
  readonly returnsTo: number;
  /** i32, overwritten. */
  readonly scratch: number;
}

/** Emits a tail call of what the jump cache has for an address; where it has nothing, the code that follows runs. */
export function emitJumpLookup(
  code: FunctionBody,
  memory: FlatMemory,
  type: number,
  locals: JumpLocals,
): void {
  emitJumpAddress(code, memory, locals);
  code.op('i64.eq');
  code.if();
  emitJumpArguments(code, memory, locals);
  code.returnCallIndirect(type, 0);
  code.end();
}

/** Pushes the address that the jump cache's entry for pc is for, and pc; sets `scratch` to the entry. */
export function emitJumpAddress(code: FunctionBody, memory: FlatMemory, { pc, scratch }: JumpLocals): void {
  code.get(pc);
  code.op('i32.wrap_i64');
  code.i32(3);
  code.op('i32.shl');
  code.i32((jumpCache.entries - 1) * jumpCache.entrySize);
  code.op('i32.and');
  code.tee(scratch);
  code.memory('i64.load', controlMemory, jumpCacheAt(memory.pageCount));
  code.get(pc);
}

/** Pushes the arguments of the entry's function, and its place in the table; `calls`: where a guest call is to return to. */
export function emitJumpArguments(
  code: FunctionBody,
  memory: FlatMemory,
  locals: JumpLocals,
  calls?: number,
): void {
  const { remaining, scratch } = locals;
  const cache = jumpCacheAt(memory.pageCount);
  code.get(remaining);
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 12);
  emitFrameArguments(code, locals, calls);
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 8);
}

/** Pushes depth and return address for what goes on in place of this code, or for what is called. */
export function emitFrameArguments(
  code: FunctionBody,
  { depth, returnsTo }: Pick<JumpLocals, 'depth' | 'returnsTo'>,
  calls?: number,
): void {
  code.get(depth);
  if (calls === undefined) return code.get(returnsTo);
  code.i32(1);
  code.op('i32.add');
  code.i32(calls | 0);
}

/** Returns to the guest call above if pc is where that is to be returned to; else has it told by `leave`, if there is one. */
export function emitReturn(
  code: FunctionBody,
  { remaining, pc, depth, returnsTo }: Omit<JumpLocals, 'scratch'>,
  leave: () => void,
): void {
  code.get(pc);
  code.get(returnsTo);
  code.op('i64.extend_i32_u', 'i64.eq');
  code.if();
  code.get(remaining);
  code.op('return');
  code.end();
  code.get(depth);
  code.if();
  leave();
  code.end();
}

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
  emitJumpArguments(code, memory, locals, 0);
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

/** Pushes the arguments of the entry's function, and its place in the table. */
export function emitJumpArguments(
  code: FunctionBody,
  memory: FlatMemory,
  { remaining, depth, scratch }: JumpLocals,
  deeper: 0 | 1,
): void {
  const cache = jumpCacheAt(memory.pageCount);
  code.get(remaining);
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 12);
  code.get(depth);
  if (deeper === 1) {
    code.i32(1);
    code.op('i32.add');
  }
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 8);
}

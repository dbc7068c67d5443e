import { jumpCache, jumpCacheAt } from '../memory/control-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { FunctionBody } from './codegen/function-body.ts';
import { controlMemory } from './lowering/emitter.ts';

export interface LookupLocals {
  /** i32: the instructions that remain. */
  readonly remaining: number;
  /** i64: the address to go on at. */
  readonly pc: number;
  /** i32, overwritten. */
  readonly scratch: number;
}

/** Emits a tail call of what the jump cache has for an address; where it has nothing, the code that follows runs. */
export function emitJumpLookup(
  code: FunctionBody,
  memory: FlatMemory,
  regionTypeIndex: number,
  { remaining, pc, scratch }: LookupLocals,
): void {
  const cache = jumpCacheAt(memory.pageCount);
  code.get(pc);
  code.op('i32.wrap_i64');
  code.i32(3);
  code.op('i32.shl');
  code.i32((jumpCache.entries - 1) * jumpCache.entrySize);
  code.op('i32.and');
  code.tee(scratch);
  code.memory('i64.load', controlMemory, cache);
  code.get(pc);
  code.op('i64.eq');
  code.if();
  code.get(remaining);
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 12);
  code.get(scratch);
  code.memory('i32.load', controlMemory, cache + 8);
  code.returnCallIndirect(regionTypeIndex, 0);
  code.end();
}

import { jumpCache, jumpCacheAt, knownEntries, knownEntriesAt } from '../../memory/control-memory.ts';
import { control } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { FunctionBody, Label } from '../codegen/function-body.ts';
import { controlMemory } from '../lowering/emitter.ts';
import { findForm } from './form-search.ts';
import { formFlag } from './forms.ts';
import { finishBlock, writeRecord } from './record-writer.ts';
import { maxInstructions, recordSize } from './record.ts';
import { noteSize } from './threaded-area.ts';
import { ThreaderCode } from './threader-code.ts';

/**
 * Emits a function that makes threaded code of the block at pc, as `Interpreter.translate` does, and goes on in it: for the blocks of
 * large programs, each entered a few times. `miss` emits leaving for the engine, for there is something that only the engine
 * can do: an entry that may be known, a page without known code, an encoding without a form, a form without a handler, no room. What
 * was written by then is beyond the area's free end, and so is nothing. `head`: the index of the function that a block is entered by.
 */
export function threader(
  memory: FlatMemory,
  head: number,
  miss: (code: FunctionBody) => FunctionBody,
): FunctionBody {
  const t = new ThreaderCode(memory);
  const { code } = t;
  const refused = code.block();
  begin(t, refused);
  const done = code.block();
  const instruction = code.loop();
  findForm(t, refused);
  writeRecord(t, refused);
  t.and(t.info, formFlag.last);
  code.branchIf(done);
  code.get(t.count);
  code.i32(maxInstructions);
  code.op('i32.ne');
  code.branchIf(instruction);
  code.end();
  code.end();
  finishBlock(t);
  announce(t);
  code.get(t.remaining);
  code.get(t.first);
  code.get(t.depth);
  code.get(t.returnsTo);
  code.returnCall(head);
  code.end();
  return miss(code);
}

/** Refuses addresses that cannot be entered, or may be known. */
function begin(t: ThreaderCode, refused: Label): void {
  const { code } = t;
  t.load(control.threading);
  code.op('i32.eqz');
  code.branchIf(refused);
  code.get(t.pc);
  code.i64(BigInt(t.memory.size));
  code.op('i64.ge_u');
  code.branchIf(refused);
  code.get(t.pc);
  code.op('i32.wrap_i64');
  code.tee(t.address);
  code.tee(t.end);
  code.i32(1);
  code.op('i32.and');
  code.branchIf(refused);
  code.get(t.address);
  code.i32(knownEntries.factor | 0);
  code.op('i32.mul');
  code.i32(32 - knownEntries.bits);
  code.op('i32.shr_u');
  code.tee(t.hash);
  code.i32(3);
  code.op('i32.shr_u');
  code.memory('i32.load8_u', controlMemory, knownEntriesAt(t.memory.pageCount));
  knownBit(t);
  code.op('i32.and');
  code.branchIf(refused);
  t.load(control.threadedFree);
  code.tee(t.first);
  code.i32(recordSize(0));
  code.op('i32.add');
  code.set(t.at);
  code.i32(0);
  code.set(t.count);
}

/** Pushes the bit of the hash within its byte. */
function knownBit(t: ThreaderCode): void {
  const { code } = t;
  code.i32(1);
  t.and(t.hash, 7);
  code.op('i32.shl');
}

/** Notes the block for the engine, and lets generated code find it. */
function announce(t: ThreaderCode): void {
  const { code } = t;
  const { pageCount } = t.memory;
  code.i32(0);
  code.get(t.at);
  code.memory('i32.store', controlMemory, control.threadedFree);
  code.i32(0);
  t.load(control.threadedEnd);
  code.i32(noteSize);
  code.op('i32.sub');
  code.tee(t.next);
  code.memory('i32.store', controlMemory, control.threadedEnd);
  t.store(t.next, 0, () => code.get(t.address));
  t.store(t.next, 4, () => code.get(t.end));
  t.store(t.next, 8, () => code.get(t.first));
  code.get(t.hash);
  code.i32(3);
  code.op('i32.shr_u');
  code.tee(t.next);
  code.get(t.next);
  code.memory('i32.load8_u', controlMemory, knownEntriesAt(pageCount));
  knownBit(t);
  code.op('i32.or');
  code.memory('i32.store8', controlMemory, knownEntriesAt(pageCount));
  code.get(t.address);
  code.i32(3);
  code.op('i32.shl');
  code.i32((jumpCache.entries - 1) * jumpCache.entrySize);
  code.op('i32.and');
  code.set(t.next);
  const entry = jumpCacheAt(pageCount);
  t.store(t.next, entry, () => code.get(t.pc), 'i64.store');
  t.store(t.next, entry + 8, () => t.load(control.head));
  t.store(t.next, entry + 12, () => code.get(t.first));
}

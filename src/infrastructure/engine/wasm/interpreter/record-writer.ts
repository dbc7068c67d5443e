import { control, handlersFound } from '../../memory/control-memory.ts';
import type { Label } from '../codegen/function-body.ts';
import { controlMemory } from '../lowering/emitter.ts';
import { form, formFlag } from './forms.ts';
import { formsMemory } from './forms-memory.ts';
import { record, recordSize } from './record.ts';
import { noteSize } from './threaded-area.ts';
import { forms, type ThreaderCode } from './threader-code.ts';

/** Writes the instruction's record; in the place of `left`, where its form lies. */
export function writeRecord(t: ThreaderCode, refused: Label): void {
  const { code } = t;
  t.sizeOfRecord();
  code.get(t.at);
  code.op('i32.add');
  code.tee(t.next);
  code.i32(recordSize(0) + noteSize);
  code.op('i32.add');
  t.load(control.threadedEnd);
  code.op('i32.gt_u');
  code.branchIf(refused);
  code.get(t.form);
  code.memory('i32.load', forms, formsMemory.words + 4 * form.shape);
  code.tee(t.scratch);
  code.i32(handlersFound);
  code.op('i32.ge_u');
  code.branchIf(refused);
  code.get(t.scratch);
  code.i32(2);
  code.op('i32.shl');
  code.memory('i32.load', controlMemory, control.handlers);
  code.tee(t.scratch);
  code.op('i32.eqz');
  code.branchIf(refused);
  t.store(t.at, record.handler, () => code.get(t.scratch));
  t.store(t.at, record.left, () => code.get(t.form));
  t.store(t.at, record.address, () => code.get(t.end));
  copyOperands(t);
  code.get(t.end);
  t.and(t.info, 0xff);
  code.op('i32.add');
  code.set(t.end);
  t.store(t.at, record.next, () => code.get(t.end));
  // The last bytes of a memory of 4 GiB are left to the engine.
  code.get(t.end);
  code.op('i32.eqz');
  code.branchIf(refused);
  code.get(t.next);
  code.set(t.at);
  code.get(t.count);
  code.i32(1);
  code.op('i32.add');
  code.set(t.count);
}

/** `scratch` walks the form, and then its addresses. */
function copyOperands(t: ThreaderCode): void {
  const { code } = t;
  code.get(t.at);
  code.set(t.word);
  code.get(t.form);
  code.set(t.scratch);
  const copied = code.block();
  const copy = code.loop();
  code.get(t.word);
  code.i32(record.operands);
  code.op('i32.add');
  code.get(t.next);
  code.op('i32.eq');
  code.branchIf(copied);
  t.store(
    t.word,
    record.operands,
    () => {
      code.get(t.scratch);
      code.memory('i64.load', forms, formsMemory.words + 4 * form.operands);
    },
    'i64.store',
  );
  t.advance(t.word, record.operandSize);
  t.advance(t.scratch, record.operandSize);
  code.branch(copy);
  code.end();
  code.end();
  code.get(t.form);
  code.memory('i32.load', forms, formsMemory.words + 4 * form.addresses);
  code.set(t.scratch);
  const placed = code.block();
  const place = code.loop();
  code.get(t.scratch);
  code.op('i32.eqz');
  code.branchIf(placed);
  code.get(t.at);
  code.get(t.scratch);
  code.op('i32.ctz');
  code.i32(Math.log2(record.operandSize));
  code.op('i32.shl', 'i32.add');
  code.set(t.word);
  t.store(
    t.word,
    record.operands,
    () => {
      code.get(t.end);
      code.op('i64.extend_i32_u');
      code.get(t.word);
      code.memory('i32.load', controlMemory, record.operands);
      code.op('i64.extend_i32_s', 'i64.add');
    },
    'i64.store',
  );
  code.get(t.scratch);
  code.get(t.scratch);
  code.i32(1);
  code.op('i32.sub', 'i32.and');
  code.set(t.scratch);
  code.branch(place);
  code.end();
  code.end();
}

/** Writes what ends the block, its head, and what is left at each instruction. */
export function finishBlock(t: ThreaderCode): void {
  const { code } = t;
  t.and(t.info, formFlag.last | formFlag.goesOn);
  code.i32(formFlag.last);
  code.op('i32.ne');
  code.if();
  t.store(t.at, record.handler, () => t.load(control.goOn));
  t.store(t.at, record.left, () => code.i32(0));
  t.store(t.at, record.address, () => code.get(t.end));
  t.store(t.at, record.next, () => code.i32(0));
  t.advance(t.at, recordSize(0));
  code.end();
  t.store(t.first, record.handler, () => t.load(control.head));
  t.store(t.first, record.left, () => code.get(t.count));
  t.store(t.first, record.address, () => code.get(t.address));
  t.store(t.first, record.next, () => t.load(control.threading));
  code.get(t.first);
  code.i32(recordSize(0));
  code.op('i32.add');
  code.set(t.next);
  const each = code.loop();
  code.get(t.next);
  code.memory('i32.load', controlMemory, record.left);
  code.memory('i32.load', forms, formsMemory.words + 4 * form.info);
  code.set(t.info);
  t.store(t.next, record.left, () => code.get(t.count));
  t.sizeOfRecord();
  code.get(t.next);
  code.op('i32.add');
  code.set(t.next);
  code.get(t.count);
  code.i32(1);
  code.op('i32.sub');
  code.tee(t.count);
  code.branchIf(each);
  code.end();
}

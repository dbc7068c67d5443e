import { pageSize } from '../../../../application/ports/guest-memory.ts';
import { control, pageBit } from '../../memory/control-memory.ts';
import type { Label } from '../codegen/function-body.ts';
import { controlMemory, guestMemory } from '../lowering/emitter.ts';
import { encodingHash } from './encoding-index.ts';
import { form } from './forms.ts';
import { formsMemory } from './forms-memory.ts';
import { forms, type ThreaderCode } from './threader-code.ts';

/** Of a page whose code is threaded: the engine knows code on it already, and so of stores to it. */
const needed = pageBit.read | pageBit.execute | pageBit.mapped | pageBit.hasCode;
const pageShift = Math.log2(pageSize);

/** Finds the form of the instruction at `end`: its place in bytes. */
export function findForm(t: ThreaderCode, refused: Label): void {
  const { code } = t;
  checkPage(t, 0, refused);
  code.get(t.end);
  code.memory('i32.load16_u', guestMemory);
  code.i32(2);
  code.op('i32.shl');
  code.memory('i32.load', forms, formsMemory.short);
  code.tee(t.form);
  code.op('i32.eqz');
  code.if();
  t.and(t.end, pageSize - 1);
  code.i32(pageSize - 2);
  code.op('i32.eq');
  code.if();
  checkPage(t, 1, refused);
  code.end();
  search(t, refused);
  code.end();
  code.get(t.form);
  code.i32(2);
  code.op('i32.shl');
  code.tee(t.form);
  code.memory('i32.load', forms, formsMemory.words + 4 * form.info);
  code.set(t.info);
}

/** Refuses unless the page of `end`, or the one `further` on, can be read and executed, and code of it is known. */
function checkPage(t: ThreaderCode, further: number, refused: Label): void {
  const { code } = t;
  code.get(t.end);
  code.i32(pageShift);
  code.op('i32.shr_u');
  code.memory('i32.load8_u', controlMemory, control.pages + further);
  code.i32(needed);
  code.op('i32.and');
  code.i32(needed);
  code.op('i32.ne');
  code.branchIf(refused);
}

/** See `EncodingIndex`. */
function search(t: ThreaderCode, refused: Label): void {
  const { code } = t;
  code.get(t.end);
  code.memory('i32.load', guestMemory);
  code.tee(t.word);
  code.i32(encodingHash.factor | 0);
  code.op('i32.mul');
  code.i32(encodingHash.shift);
  code.op('i32.shr_u');
  code.set(t.scratch);
  const probe = code.loop();
  code.get(t.scratch);
  code.i32(0);
  code.memory('i32.load', forms, formsMemory.mask);
  code.op('i32.and');
  code.tee(t.scratch);
  code.i32(2);
  code.op('i32.shl');
  code.tee(t.next);
  code.memory('i32.load', forms, formsMemory.long + 4);
  code.tee(t.form);
  code.op('i32.eqz');
  code.branchIf(refused);
  code.get(t.scratch);
  code.i32(2);
  code.op('i32.add');
  code.set(t.scratch);
  code.get(t.next);
  code.memory('i32.load', forms, formsMemory.long);
  code.get(t.word);
  code.op('i32.ne');
  code.branchIf(probe);
  code.end();
}

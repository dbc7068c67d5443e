import type { AccessKind } from '../../../../application/ports/stops.ts';
import { pageSize } from '../../../../application/ports/guest-memory.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FunctionBody } from '../codegen/function-body.ts';
import { type Emitter, marksMemory } from './emitter.ts';

/**
 * Marks the granules of an access of `size` bytes, `offset` bytes beyond the i32 on the stack, which stays there. It is done before
 * the access: marking too much is no harm.
 */
export function markAccess(e: Emitter, access: AccessKind, size: number, offset: number): void {
  const { code, marks } = e;
  if (!marks) return;
  const { pages, units, shift } = marks.tables[access];
  const [first, last] = [e.temp('i32'), e.temp('i32')];
  code.tee(first);
  code.get(first);
  addTo(code, offset);
  code.set(first);
  markByte(code, first, shift, units);
  markByte(code, first, Math.log2(pageSize), pages);
  if (size === 1) return;
  code.get(first);
  addTo(code, size - 1);
  code.tee(last);
  code.get(first);
  code.op('i32.xor');
  code.i32(1 << shift);
  code.op('i32.ge_u');
  code.if(undefined, 'unlikely');
  markByte(code, last, shift, units);
  markByte(code, last, Math.log2(pageSize), pages);
  code.end();
}

/** Marks that the block at a known address is entered, but not its page. */
export function markBlock(code: FunctionBody, { tables }: EffectMarks, address: number): void {
  const { units, shift } = tables.execute;
  markKnown(code, units + Math.floor(address / 2 ** shift));
}

/** Marks the pages on which blocks begin that may be entered. */
export function markPages(
  code: FunctionBody,
  { tables }: EffectMarks,
  blocks: readonly { readonly address: number }[],
): void {
  const pages = new Set(blocks.map(({ address }) => Math.floor(address / pageSize)));
  for (const page of pages) markKnown(code, tables.execute.pages + page);
}

/** Marks that the block at the i32 address in a local is entered. */
export function markBlockAt(code: FunctionBody, marks: EffectMarks, address: number): void {
  const { pages, units, shift } = marks.tables.execute;
  markByte(code, address, shift, units);
  markByte(code, address, Math.log2(pageSize), pages);
}

function addTo(code: FunctionBody, offset: number): void {
  if (offset === 0) return;
  code.i32(offset);
  code.op('i32.add');
}

function markKnown(code: FunctionBody, at: number): void {
  code.i32(0);
  code.i32(1);
  code.memory('i32.store8', marksMemory, at);
}

function markByte(code: FunctionBody, address: number, shift: number, table: number): void {
  code.get(address);
  code.i32(shift);
  code.op('i32.shr_u');
  code.i32(1);
  code.memory('i32.store8', marksMemory, table);
}

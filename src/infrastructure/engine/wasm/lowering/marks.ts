import type { AccessKind } from '../../../../application/ports/stops.ts';
import { granuleSize } from '../../../../application/ports/effects.ts';
import { pageSize } from '../../../../application/ports/guest-memory.ts';
import type { EffectMarks } from '../../memory/effect-marks.ts';
import type { FunctionBody } from '../codegen/function-body.ts';
import { type Emitter, marksMemory } from './emitter.ts';
import type { MarkedAccess } from './marked-groups.ts';

/**
 * Marks the granules of an access of `size` bytes, `offset` bytes beyond the i32 on the stack, which stays there. It is done before
 * the access: marking too much is no harm.
 */
export function markAccess(e: Emitter, access: AccessKind, size: number, offset: number): void {
  const { code, marks } = e;
  if (!marks) return;
  const base = e.temp('i32');
  code.tee(base);
  markAccesses(code, marks, base, [{ access, size, offset }]);
}

/**
 * Marks the granules of accesses from the i32 in a local on. Most often that is a multiple of a granule: then it is known which of
 * the accesses share one.
 */
export function markAccesses(
  code: FunctionBody,
  marks: EffectMarks,
  base: number,
  accesses: readonly MarkedAccess[],
): void {
  const ends = markDataPages(code, marks, base, accesses);
  if (accesses.every(({ size }) => size === 1)) return markEach(code, marks, base, accesses);
  code.get(base);
  code.i32(granuleSize - 1);
  code.op('i32.and');
  code.if(undefined, 'unlikely');
  markEach(code, marks, base, accesses);
  if (ends === 'first') markDataPage(code, marks, base, lastByte(accesses));
  code.else();
  const granules = accesses.flatMap(({ access, offset, size }) => {
    const { units } = marks.tables[access];
    return [units + (offset >> granuleShift), units + ((offset + size - 1) >> granuleShift)];
  });
  for (const at of new Set(granules)) markByte(code, base, granuleShift, at);
  code.end();
}

const granuleShift = Math.log2(granuleSize);
const pageShift = Math.log2(pageSize);

/** The last byte accessed, as its offset. */
const lastByte = (accesses: readonly MarkedAccess[]): number =>
  Math.max(...accesses.map(({ offset, size }) => offset + size - 1));

/** Marks the granules in which accesses begin and end. */
function markEach(
  code: FunctionBody,
  marks: EffectMarks,
  base: number,
  accesses: readonly MarkedAccess[],
): void {
  const { read, write } = marks.tables;
  for (const [access, { units }] of [
    ['read', read],
    ['write', write],
  ] as const) {
    const own = accesses.filter((marked) => marked.access === access);
    const bytes = own.flatMap(({ offset, size }) => [offset, offset + size - 1]);
    for (const offset of new Set(bytes)) markBeyond(code, base, offset, granuleShift, units);
  }
}

/**
 * Marks the pages of accesses; gives which: those of `all`, or, where all lie in one granule if they are aligned, that of the
 * `first` byte.
 */
function markDataPages(
  code: FunctionBody,
  marks: EffectMarks,
  base: number,
  accesses: readonly MarkedAccess[],
): 'all' | 'first' {
  const [first, last] = [Math.min(...accesses.map(({ offset }) => offset)), lastByte(accesses)];
  if (last - first >= pageSize) {
    const bytes = accesses.flatMap(({ offset, size }) => [offset, offset + size - 1]);
    for (const offset of new Set(bytes)) markDataPage(code, marks, base, offset);
    return 'all';
  }
  markDataPage(code, marks, base, first);
  if (first >> granuleShift === last >> granuleShift) return first === last ? 'all' : 'first';
  markDataPage(code, marks, base, last);
  return 'all';
}

const markDataPage = (code: FunctionBody, { tables }: EffectMarks, base: number, offset: number): void => {
  markBeyond(code, base, offset, pageShift, tables.read.pages);
};

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

/** Marks in a table the unit, of `1 << shift` bytes, of the byte `offset` bytes beyond the i32 in a local. */
function markBeyond(code: FunctionBody, base: number, offset: number, shift: number, table: number): void {
  code.get(base);
  if (offset !== 0) {
    code.i32(offset);
    code.op('i32.add');
  }
  code.i32(shift);
  code.op('i32.shr_u');
  code.i32(1);
  code.memory('i32.store8', marksMemory, table);
}

const markByte = (code: FunctionBody, address: number, shift: number, table: number): void => {
  markBeyond(code, address, 0, shift, table);
};

function markKnown(code: FunctionBody, at: number): void {
  code.i32(0);
  code.i32(1);
  code.memory('i32.store8', marksMemory, at);
}

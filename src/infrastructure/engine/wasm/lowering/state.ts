import { type Slot, widths } from '../../../../domain/ir/types.ts';
import type { MemoryOp } from '../codegen/opcodes.ts';
import type { Lowering } from './emitter.ts';

/** Guest state, addresses, counters and control. Slots live in locals; the region loads and writes them back. */
export const constantValue: Lowering = (e, node) => {
  if (node.op !== 'const') throw new TypeError('not a const');
  if (node.type === 'i64' || node.type === 'f64') e.code.i64(node.attr.value);
  else e.code.i32(Number(BigInt.asIntN(32, node.attr.value)));
};

export const readSlot: Lowering = (e, node) => {
  if (node.op === 'read') e.pushSlot(node.attr.slot);
};

export const writeSlot: Lowering = (e, node) => {
  if (node.op === 'write') e.write(node.attr.slot, node.args[0]!);
};

export const counter: Lowering = (e, node) => {
  if (node.op !== 'counter') throw new TypeError('not a counter');
  e.retired();
  if (node.attr.counter !== 'time') return;
  e.code.op('f64.convert_i64_u');
  e.code.call(e.imported('timeAt', { parameters: ['f64'], results: ['i64'] }));
};

export const trap: Lowering = (e) => e.leaveToStep();

export const trapIf: Lowering = (e, node) => {
  e.arg(node, 0);
  e.code.if();
  e.leaveToStep();
  e.code.end();
};

export const jump: Lowering = (e, node) => {
  if (node.op === 'jump') e.goTo(node.args[0]!, node.attr.hint);
};
export const branch: Lowering = (e, node) => e.branchTo(node);
/** Changed code is never run from a stale translation, so fence.i has nothing left to do. */
export const goOn: Lowering = (e) => e.goToNext();
export const systemCall: Lowering = (e) => e.leaveToSystem();
export const nothing: Lowering = () => undefined;

/** The load or store of a slot in the state block. */
export function slotAccess(slot: Slot, access: 'load' | 'store'): MemoryOp {
  const width = widths[slot.type];
  if (width === 64) return `i64.${access}`;
  if (width === 32) return `i32.${access}`;
  const size = width === 16 ? '16' : '8';
  return access === 'load' ? `i32.load${size}_u` : `i32.store${size}`;
}

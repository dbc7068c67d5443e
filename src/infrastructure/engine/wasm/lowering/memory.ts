import type { Access, Node, RmwOperation } from '../../../../domain/ir/node.ts';
import type { Label } from '../codegen/function-body.ts';
import type { MemoryOp } from '../codegen/opcodes.ts';
import { control, pageBit } from '../../memory/control-memory.ts';
import {
  controlMemory,
  type Emitter,
  guestMemory,
  type Lowering,
  representation,
  signExtendNarrow,
  typeOf,
  widthOf,
} from './emitter.ts';
import { markAccess } from './marks.ts';
import { UnsupportedIr } from './unsupported-ir.ts';

/**
 * Memory access. An aligned access below the memory's end whose page byte has the needed bits goes straight to
 * guest memory: rotating the address right by the size's logarithm brings misaligned low bits to the top, so that
 * one unsigned comparison checks alignment and bounds. Anything else asks the engine to admit the access
 * (misaligned, page-crossing, first store to a page, neighbours of code), by a call or by leaving; what it refuses is
 * stepped, which makes the fault, or changes the code, with the state as before the instruction. A call in a loop, even one
 * that is never made, has V8 keep the loop's values in memory: leaving instead made a sieve 1.3 times as fast.
 */
const suffix = { 1: '8', 2: '16', 4: '', 8: '' } as const;
type Size = keyof typeof suffix;

function sizeOf(node: Node, type: Node['type'], access: Access): Size {
  const size = widthOf(type) / 8;
  if (!(size in suffix) || access.endian === 'big')
    throw new UnsupportedIr(node.op, `${access.endian} ${type}`);
  return size as Size;
}

const loadOp = (size: Size): MemoryOp =>
  size === 8 ? 'i64.load' : size === 4 ? 'i32.load' : `i32.load${suffix[size] as '8' | '16'}_u`;
const storeOp = (size: Size): MemoryOp => (size === 8 ? 'i64.store' : `i32.store${suffix[size]}`);

/** Leaves a local with the i64 address, after making sure that the access can be done. */
function admit(e: Emitter, node: Node, position: number, size: Size, access: Access, need: number): number {
  const { code } = e;
  const address = e.temp('i64');
  e.arg(node, position);
  code.set(address);
  const done = code.block();
  const slow = code.block();
  code.get(address);
  if (size > 1) {
    code.i64(BigInt(Math.log2(size)));
    code.op('i64.rotr');
  }
  code.i64(BigInt(e.memorySize / size));
  code.op('i64.ge_u');
  code.branchIf(slow, 'unlikely');
  code.get(address);
  code.i64(12n);
  code.op('i64.shr_u', 'i32.wrap_i64');
  code.memory('i32.load8_u', controlMemory, control.pages);
  code.i32(need);
  code.op('i32.and');
  // All needed bits: for one bit the masked byte itself is the answer.
  if (need & (need - 1)) {
    code.i32(need);
    code.op('i32.eq');
  }
  code.branchIf(done, 'likely');
  code.end();
  if (e.callsSlowPath) askForAdmission(e, address, size, access, need, done);
  e.leaveForSlowPath();
  code.end();
  return address;
}

/** Asks for the load before the store, which marks the page. What must be aligned and is not is a fault. */
function askForAdmission(
  e: Emitter,
  address: number,
  size: Size,
  access: Access,
  need: number,
  admitted: Label,
): void {
  const { code } = e;
  const refused = code.block();
  if (access.aligned) {
    code.get(address);
    code.op('i32.wrap_i64');
    code.i32(size - 1);
    code.op('i32.and');
    code.branchIf(refused);
  }
  const ask = (import_: 'admitLoad' | 'admitStore') => {
    code.get(address);
    code.op('f64.convert_i64_u');
    code.i32(size);
    code.call(e.imported(import_, { parameters: ['f64', 'i32'], results: ['i32'] }));
  };
  if (need & pageBit.read) {
    ask('admitLoad');
    code.branchIf(refused);
  }
  if (need & pageBit.storeOk) {
    ask('admitStore');
    code.branchIf(refused);
  }
  code.branch(admitted);
  code.end();
}

const pushAddress = (e: Emitter, address: number): void => {
  e.code.get(address);
  e.code.op('i32.wrap_i64');
};

export const load: Lowering = (e, node) => {
  if (node.op !== 'load') throw new TypeError('not a load');
  const size = sizeOf(node, node.type, node.attr);
  const offset = e.pushTrapping(node);
  if (offset === undefined) pushAddress(e, admit(e, node, 0, size, node.attr, pageBit.read));
  if (!e.isMarked(node)) markAccess(e, 'read', size, offset ?? 0);
  e.code.memory(loadOp(size), guestMemory, offset);
};

function storeAt(e: Emitter, node: Node, position: number, access: Access): void {
  const size = sizeOf(node, typeOf(node, position + 1), access);
  const offset = e.pushTrapping(node);
  if (offset === undefined) pushAddress(e, admit(e, node, position, size, access, pageBit.storeOk));
  if (!e.isMarked(node)) markAccess(e, 'write', size, offset ?? 0);
  e.arg(node, position + 1);
  e.code.memory(storeOp(size), guestMemory, offset);
}

export const store: Lowering = (e, node) => {
  if (node.op === 'store') storeAt(e, node, 0, node.attr);
};

export const storeIf: Lowering = (e, node) => {
  if (node.op !== 'storeIf') throw new TypeError('not a storeIf');
  e.arg(node, 0);
  e.code.if();
  storeAt(e, node, 1, node.attr);
  e.code.end();
};

const both = pageBit.read | pageBit.storeOk;
const atomic = { aligned: true } as const;

export const readModifyWrite: Lowering = (e, node) => {
  if (node.op !== 'rmw') throw new TypeError('not an rmw');
  const size = sizeOf(node, node.type, node.attr);
  const type = representation(node.type);
  const address = admit(e, node, 0, size, { ...node.attr, ...atomic }, both);
  const [old, operand] = [e.temp(type), e.temp(type)];
  e.arg(node, 1);
  e.code.set(operand);
  pushAddress(e, address);
  markAccess(e, 'read', size, 0);
  e.code.memory(loadOp(size), guestMemory);
  e.code.set(old);
  pushAddress(e, address);
  markAccess(e, 'write', size, 0);
  modify(e, node, node.attr.operation, old, operand);
  e.code.memory(storeOp(size), guestMemory);
  e.code.get(old);
};

const direct = { add: 'add', and: 'and', or: 'or', xor: 'xor' } as const;
const chosen = { minS: 'le_s', maxS: 'ge_s', minU: 'le_u', maxU: 'ge_u' } as const;

/** Pushes what is stored; a narrow store drops the bits beyond. */
function modify(e: Emitter, node: Node, operation: RmwOperation, old: number, operand: number): void {
  const type = representation(node.type);
  if (operation === 'swap') return e.code.get(operand);
  e.code.get(old);
  e.code.get(operand);
  switch (operation) {
    case 'add':
    case 'and':
    case 'or':
    case 'xor':
      return e.code.op(`${type}.${direct[operation]}`);
    default:
      for (const local of [old, operand]) {
        e.code.get(local);
        if (operation.endsWith('S') && node.type !== 'void') signExtendNarrow(e, node.type);
      }
      e.code.op(`${type}.${chosen[operation]}`, 'select');
  }
}

export const compareExchange: Lowering = (e, node) => {
  if (node.op !== 'compareExchange') throw new TypeError('not a compareExchange');
  const size = sizeOf(node, node.type, node.attr);
  const type = representation(node.type);
  const address = admit(e, node, 0, size, { ...node.attr, ...atomic }, both);
  const old = e.temp(type);
  pushAddress(e, address);
  markAccess(e, 'read', size, 0);
  e.code.memory(loadOp(size), guestMemory);
  e.code.set(old);
  pushAddress(e, address);
  markAccess(e, 'write', size, 0);
  e.arg(node, 2);
  e.code.get(old);
  e.code.get(old);
  e.arg(node, 1);
  e.code.op(`${type}.eq`, 'select');
  e.code.memory(storeOp(size), guestMemory);
  e.code.get(old);
};

import type { Node } from '../../../../domain/ir/node.ts';
import type { PlainOp } from '../codegen/opcodes.ts';
import {
  constant,
  type Emitter,
  type Lowering,
  narrow,
  representation,
  signExtendNarrow,
  typeOf,
  widthOf,
} from './emitter.ts';
import { UnsupportedIr } from './unsupported-ir.ts';

/** Integer arithmetic. Law: operands are zero-extended patterns, and so are results. */
type Suffix<Op> = Op extends `i64.${infer Rest}` ? (`i32.${Rest}` extends PlainOp ? Rest : never) : never;
type IntegerOp = Suffix<PlainOp>;

/** An operation of both widths whose low bits depend on low bits only. */
export const wrapping =
  (op: IntegerOp): Lowering =>
  (e, node) => {
    e.arg(node, 0);
    e.arg(node, 1);
    e.code.op(`${representation(node.type, node.op)}.${op}`);
    narrow(e, node.type);
  };

export const bitwise =
  (op: IntegerOp): Lowering =>
  (e, node) => {
    e.arg(node, 0);
    e.arg(node, 1);
    e.code.op(`${representation(node.type, node.op)}.${op}`);
  };

const signedArg = (e: Emitter, node: Node, position: number): void => {
  e.arg(node, position);
  signExtendNarrow(e, typeOf(node, position));
};

/** wasm takes shift amounts modulo 32 or 64; narrower types need their own modulo. */
export const shift =
  (op: 'shl' | 'shr_s' | 'shr_u'): Lowering =>
  (e, node) => {
    const width = widthOf(node.type);
    if (op === 'shr_s') signedArg(e, node, 0);
    else e.arg(node, 0);
    e.arg(node, 1);
    if (width < 32) {
      e.code.i32(width - 1);
      e.code.op('i32.and');
    }
    e.code.op(`${representation(node.type, node.op)}.${op}`);
    narrow(e, node.type);
  };

export const rotate =
  (op: 'rotl' | 'rotr'): Lowering =>
  (e, node) => {
    if (widthOf(node.type) < 32) throw new UnsupportedIr(node.op, node.type);
    bitwise(op)(e, node);
  };

export const compare =
  (op: 'eq' | 'ne' | 'lt_u' | 'le_u' | 'lt_s' | 'le_s'): Lowering =>
  (e, node) => {
    const push = op.endsWith('_s') ? signedArg : (to: Emitter, of: Node, at: number) => to.arg(of, at);
    push(e, node, 0);
    push(e, node, 1);
    e.code.op(`${representation(typeOf(node, 0), node.op)}.${op}`);
  };

/** wasm traps on division by zero; the IR gives all ones, and the dividend as remainder. */
export const divideUnsigned =
  (result: 'quotient' | 'remainder'): Lowering =>
  (e, node) => {
    const type = representation(node.type, node.op);
    const [dividend, divisor] = [e.temp(type), e.temp(type)];
    e.arg(node, 0);
    e.code.tee(dividend);
    e.arg(node, 1);
    e.code.tee(divisor);
    // A zero divisor becomes one.
    e.code.get(divisor);
    e.code.op(`${type}.eqz`);
    if (type === 'i64') e.code.op('i64.extend_i32_u');
    e.code.op(`${type}.or`, result === 'quotient' ? `${type}.div_u` : `${type}.rem_u`);
    if (result === 'quotient') {
      constant(e, type, -1n);
      narrow(e, node.type);
    } else e.code.get(dividend);
    e.code.get(divisor);
    constant(e, type, 0n);
    e.code.op(`${type}.ne`, 'select');
  };

/** Also the most negative number divided by −1 traps in wasm: dividing by −1 is negation. */
export const divideSigned: Lowering = (e, node) => {
  const type = representation(node.type, node.op);
  const [dividend, divisor] = [e.temp(type), e.temp(type)];
  signedArg(e, node, 0);
  e.code.set(dividend);
  signedArg(e, node, 1);
  e.code.tee(divisor);
  constant(e, type, 1n);
  e.code.op(`${type}.add`);
  constant(e, type, 1n);
  e.code.op(`${type}.le_u`);
  e.code.if(type);
  constant(e, type, -1n);
  constant(e, type, 0n);
  e.code.get(dividend);
  e.code.op(`${type}.sub`);
  e.code.get(divisor);
  e.code.op(`${type}.eqz`, 'select');
  e.code.else();
  e.code.get(dividend);
  e.code.get(divisor);
  e.code.op(`${type}.div_s`);
  e.code.end();
  narrow(e, node.type);
};

export const remainderSigned: Lowering = (e, node) => {
  const type = representation(node.type, node.op);
  const [dividend, divisor] = [e.temp(type), e.temp(type)];
  signedArg(e, node, 0);
  e.code.tee(dividend);
  signedArg(e, node, 1);
  e.code.tee(divisor);
  e.code.get(divisor);
  e.code.op(`${type}.eqz`);
  if (type === 'i64') e.code.op('i64.extend_i32_u');
  e.code.op(`${type}.or`, `${type}.rem_s`);
  e.code.get(dividend);
  e.code.get(divisor);
  constant(e, type, 0n);
  e.code.op(`${type}.ne`, 'select');
  narrow(e, node.type);
};

/** The high half of a product: of 64 bits by a runtime function (wasm has no wide multiplication), else in 64 bits. */
export const multiplyHigh =
  (a: 's' | 'u', b: 's' | 'u'): Lowering =>
  (e, node) => {
    if (node.type === 'i64') {
      e.arg(node, 0);
      e.arg(node, 1);
      const name = `mulHigh${a}${b}`;
      e.code.call(e.imported(name, { parameters: ['i64', 'i64'], results: ['i64'] }));
      return;
    }
    representation(node.type, node.op);
    for (const [position, sign] of [a, b].entries()) {
      if (sign === 's') signedArg(e, node, position);
      else e.arg(node, position);
      e.code.op(`i64.extend_i32_${sign}`);
    }
    e.code.op('i64.mul');
    e.code.i64(BigInt(widthOf(node.type)));
    e.code.op('i64.shr_u', 'i32.wrap_i64');
    narrow(e, node.type);
  };

export const countLeadingZeros: Lowering = (e, node) => {
  const type = representation(node.type, node.op);
  e.arg(node, 0);
  e.code.op(`${type}.clz`);
  if (widthOf(node.type) >= 32) return;
  e.code.i32(32 - widthOf(node.type));
  e.code.op('i32.sub');
};

export const countTrailingZeros: Lowering = (e, node) => {
  const type = representation(node.type, node.op);
  e.arg(node, 0);
  if (widthOf(node.type) < 32) {
    e.code.i32(2 ** widthOf(node.type));
    e.code.op('i32.or');
  }
  e.code.op(`${type}.ctz`);
};

export const countOnes: Lowering = (e, node) => {
  e.arg(node, 0);
  e.code.op(`${representation(node.type, node.op)}.popcnt`);
};

/** Swaps ever larger neighbours: bytes, halfwords, words. */
export const swapBytes: Lowering = (e, node) => {
  const type = representation(node.type, node.op);
  const width = widthOf(node.type);
  if (width < 16) throw new UnsupportedIr(node.op, node.type);
  e.arg(node, 0);
  for (let by = 8; by < width; by *= 2) {
    let mask = 0n;
    for (let at = 0; at < width; at += 2 * by) mask |= ((1n << BigInt(by)) - 1n) << BigInt(at);
    const value = e.temp(type);
    e.code.set(value);
    e.code.get(value);
    constant(e, type, mask);
    e.code.op(`${type}.and`);
    constant(e, type, BigInt(by));
    e.code.op(`${type}.shl`);
    e.code.get(value);
    constant(e, type, BigInt(by));
    e.code.op(`${type}.shr_u`);
    constant(e, type, mask);
    e.code.op(`${type}.and`, `${type}.or`);
  }
};

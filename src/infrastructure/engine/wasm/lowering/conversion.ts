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

/** Between types. Only i64 and f64 are wasm i64; among the others widening by zeros is nothing at all. */
function fit(e: Emitter, from: 'i32' | 'i64', to: 'i32' | 'i64', sign: 's' | 'u'): void {
  if (from === 'i32' && to === 'i64') e.code.op(`i64.extend_i32_${sign}`);
  if (from === 'i64' && to === 'i32') e.code.op('i32.wrap_i64');
}

export const zeroExtend: Lowering = (e, node) => {
  e.arg(node, 0);
  fit(e, representation(typeOf(node, 0), node.op), representation(node.type, node.op), 'u');
};

export const signExtend: Lowering = (e, node) => {
  const from = typeOf(node, 0);
  e.arg(node, 0);
  signExtendNarrow(e, from);
  fit(e, representation(from, node.op), representation(node.type, node.op), 's');
  narrow(e, node.type);
};

export const truncate: Lowering = (e, node) => {
  e.arg(node, 0);
  fit(e, representation(typeOf(node, 0), node.op), representation(node.type, node.op), 'u');
  narrow(e, node.type);
};

export const reinterpret: Lowering = (e, node) => {
  representation(node.type, node.op);
  e.arg(node, 0);
};

export const extract: Lowering = (e, node) => {
  if (node.op !== 'extract') throw new TypeError('not an extract');
  const from = representation(typeOf(node, 0), node.op);
  e.arg(node, 0);
  constant(e, from, BigInt(node.attr.lsb));
  e.code.op(`${from}.shr_u`);
  fit(e, from, representation(node.type, node.op), 'u');
  narrow(e, node.type);
};

export const concatenate: Lowering = (e, node) => {
  const to = representation(node.type, node.op);
  e.arg(node, 0);
  fit(e, representation(typeOf(node, 0)), to, 'u');
  constant(e, to, BigInt(widthOf(typeOf(node, 1))));
  e.code.op(`${to}.shl`);
  e.arg(node, 1);
  fit(e, representation(typeOf(node, 1)), to, 'u');
  e.code.op(`${to}.or`);
};

export const select: Lowering = (e, node) => {
  representation(node.type, node.op);
  e.arg(node, 1);
  e.arg(node, 2);
  e.arg(node, 0);
  e.code.op('select');
};

import type { Node } from '../../../../domain/ir/node.ts';
import { fpException, rounding } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { Label } from '../codegen/function-body.ts';
import type { PlainOp } from '../codegen/opcodes.ts';
import { controlMemory, type Emitter, type Lowering, representation, typeOf } from './emitter.ts';

/**
 * IEEE arithmetic with exact exceptions. Law: the native instruction is used only where it provably gives the
 * IR's bits and raises nothing that is not already raised; everything else calls the exact arithmetic of the
 * domain with bit patterns. Rounding to nearest even, no NaN or infinity as result, no result near the subnormal
 * range, and inexact either impossible or already sticky: then wasm's operation is the IR's.
 */
export interface FloatSite {
  readonly e: Emitter;
  readonly node: Node;
  readonly args: readonly number[];
  readonly result: number;
  readonly slow: Label;
  /** Branches to the exact path unless inexact is of no consequence here. */
  unlessInexactIsMoot(): void;
}
export type FastPath = (site: FloatSite) => void;

/** The import that evaluates a float op exactly; its name says which op and types. */
export const exactImport = (node: Node): string =>
  `float ${node.op} ${node.args.map(({ type }) => type).join(' ')} ${node.type}`;

const isMode = (node: Node, position: number) =>
  typeOf(node, position) === 'i8' && position === node.args.length - 1;

export const float =
  (fast?: FastPath): Lowering =>
  (e, node) => {
    const { code } = e;
    const type = representation(node.type, node.op);
    const use = e.flagUse(node);
    const args = node.args.map((argument, position) => {
      const local = e.temp(representation(argument.type, node.op));
      e.arg(node, position);
      code.set(local);
      return local;
    });
    const exact = () => {
      for (const local of args) code.get(local);
      const parameters = node.args.map((argument) => representation(argument.type));
      code.call(e.imported(exactImport(node), { parameters, results: [type] }));
    };
    const takeFlags = () => {
      if (use === 'none') return;
      code.i32(0);
      code.memory('i32.load', controlMemory, control.flags);
      code.set(e.flagLocal(node));
    };
    if (!fast || use === 'exact') {
      exact();
      takeFlags();
      return;
    }
    const result = e.temp(type);
    if (use === 'raise') {
      code.i32(0);
      code.set(e.flagLocal(node));
    }
    const done = code.block();
    const slow = code.block();
    const unlessInexactIsMoot = () => {
      if (use !== 'raise') return;
      pushInexact(e);
      code.op('i32.eqz');
      code.branchIf(slow);
    };
    fast({ e, node, args, result, slow, unlessInexactIsMoot });
    code.branch(done);
    code.end();
    exact();
    code.set(result);
    takeFlags();
    code.end();
    code.get(result);
  };

function pushInexact(e: Emitter): void {
  e.code.get(e.stickyExceptions());
  e.code.i32(fpException.inexact);
  e.code.op('i32.and');
}

function requireNearest({ e, node, args, slow }: FloatSite): void {
  const position = node.args.length - 1;
  if (!isMode(node, position)) return;
  e.code.get(args[position]!);
  e.code.i32(rounding.nearestEven);
  e.code.op('i32.ne');
  e.code.branchIf(slow);
}

const formatOf = (type: Node['type']): 'f32' | 'f64' => (type === 'f32' ? 'f32' : 'f64');

/** Pushes an argument as a native float. */
function pushFloat({ e, node, args }: FloatSite, position: number): 'f32' | 'f64' {
  const format = formatOf(typeOf(node, position));
  e.code.get(args[position]!);
  e.code.op(format === 'f64' ? 'f64.reinterpret_i64' : 'f32.reinterpret_i32');
  return format;
}

const toBits = (format: 'f32' | 'f64'): PlainOp =>
  format === 'f64' ? 'i64.reinterpret_f64' : 'i32.reinterpret_f32';

/** Pushes the biased exponent of the result as an i32. */
function pushExponent({ e, result }: FloatSite, format: 'f32' | 'f64'): void {
  e.code.get(result);
  if (format === 'f64') {
    e.code.i64(52n);
    e.code.op('i64.shr_u', 'i32.wrap_i64');
    e.code.i32(0x7ff);
  } else {
    e.code.i32(23);
    e.code.op('i32.shr_u');
    e.code.i32(0xff);
  }
  e.code.op('i32.and');
}

const maxExponent = { f32: 0xff, f64: 0x7ff } as const;

/** To the exact path where the result is infinite, NaN, zero, subnormal or in the lowest normal binade. */
function requireWellInRange(site: FloatSite, format: 'f32' | 'f64'): void {
  const { code } = site.e;
  pushExponent(site, format);
  code.i32(2);
  code.op('i32.sub');
  code.i32(maxExponent[format] - 2);
  code.op('i32.ge_u');
  code.branchIf(site.slow);
}

/** Sums are never inexact in the subnormal range, so only infinity and NaN matter. */
export const sum =
  (op: 'add' | 'sub'): FastPath =>
  (site) => {
    requireNearest(site);
    site.unlessInexactIsMoot();
    const format = pushFloat(site, 0);
    pushFloat(site, 1);
    site.e.code.op(`${format}.${op}`, toBits(format));
    site.e.code.set(site.result);
    pushExponent(site, format);
    site.e.code.i32(maxExponent[format]);
    site.e.code.op('i32.eq');
    site.e.code.branchIf(site.slow);
  };

export const product =
  (op: 'mul' | 'div' | 'sqrt'): FastPath =>
  (site) => {
    requireNearest(site);
    site.unlessInexactIsMoot();
    const format = pushFloat(site, 0);
    if (op !== 'sqrt') pushFloat(site, 1);
    site.e.code.op(`${format}.${op}`, toBits(format));
    site.e.code.set(site.result);
    requireWellInRange(site, format);
  };

/** A fused multiply-add by the runtime's error-free transformations; a NaN pattern says that it cannot tell. */
export const fused: FastPath = (site) => {
  const { e, args } = site;
  requireNearest(site);
  site.unlessInexactIsMoot();
  const format = formatOf(site.node.type);
  const type = representation(site.node.type);
  for (const local of args.slice(0, 3)) e.code.get(local);
  e.code.call(e.imported(`fma ${format}`, { parameters: [type, type, type], results: [type] }));
  e.code.set(site.result);
  requireWellInRange(site, format);
};

/** Branches to the exact path when an operand is a NaN. */
function requireNumbers(site: FloatSite, positions: readonly number[]): void {
  for (const position of positions) {
    const format = pushFloat(site, position);
    pushFloat(site, position);
    site.e.code.op(`${format}.ne`);
    site.e.code.branchIf(site.slow);
  }
}

export const comparison =
  (op: 'eq' | 'lt' | 'le'): FastPath =>
  (site) => {
    requireNumbers(site, [0, 1]);
    const format = pushFloat(site, 0);
    pushFloat(site, 1);
    site.e.code.op(`${format}.${op}`);
    site.e.code.set(site.result);
  };

/** wasm's min and max order −0 below +0, as minimumNumber and maximumNumber do. */
export const extremum =
  (op: 'min' | 'max'): FastPath =>
  (site) => {
    requireNumbers(site, [0, 1]);
    const format = pushFloat(site, 0);
    pushFloat(site, 1);
    site.e.code.op(`${format}.${op}`, toBits(format));
    site.e.code.set(site.result);
  };

/** Branches to the exact path when two doubles on the stack differ, unless inexact is already sticky. */
function requireEqualUnlessMoot(site: FloatSite): void {
  const { e, node } = site;
  e.code.op('f64.ne');
  if (e.flagUse(node) === 'raise') {
    pushInexact(e);
    e.code.op('i32.eqz', 'i32.and');
  } else {
    e.code.i32(0);
    e.code.op('i32.and');
  }
  e.code.branchIf(site.slow);
}

const roundingOp: Readonly<Record<number, PlainOp>> = {
  [rounding.nearestEven]: 'f64.nearest',
  [rounding.towardZero]: 'f64.trunc',
  [rounding.down]: 'f64.floor',
  [rounding.up]: 'f64.ceil',
};

/** In doubles, which hold every single and every rounded value below 2^64 in question. */
export const toInteger =
  (sign: 's' | 'u'): FastPath =>
  (site) => {
    const { e, node } = site;
    const { code } = e;
    const mode = e.constantOf(node.args[1]!);
    if (mode === undefined) requireNearest(site);
    const round = roundingOp[Number(mode ?? BigInt(rounding.nearestEven))];
    const width = node.type === 'i64' ? 64 : node.type === 'i32' ? 32 : 0;
    if (!round || width === 0) return code.branch(site.slow);
    const [value, rounded] = [e.temp('f64'), e.temp('f64')];
    if (pushFloat(site, 0) === 'f32') code.op('f64.promote_f32');
    code.set(value);
    code.get(value);
    code.op(round);
    code.set(rounded);
    code.get(rounded);
    code.f64(sign === 's' ? -(2 ** (width - 1)) : 0);
    code.op('f64.ge');
    code.get(rounded);
    code.f64(sign === 's' ? 2 ** (width - 1) : 2 ** width);
    code.op('f64.lt', 'i32.and', 'i32.eqz');
    code.branchIf(site.slow);
    code.get(rounded);
    code.get(value);
    requireEqualUnlessMoot(site);
    code.get(rounded);
    code.op(`i${width}.trunc_sat_f64_${sign}` as PlainOp);
    code.set(site.result);
  };

/** Integers of at most 24 or 53 bits are exact; larger ones may be inexact. */
export const fromInteger =
  (sign: 's' | 'u'): FastPath =>
  (site) => {
    const { e, node, args } = site;
    const { code } = e;
    const from = typeOf(node, 0);
    const format = formatOf(node.type);
    if (from !== 'i64' && from !== 'i32') return code.branch(site.slow);
    requireNearest(site);
    const value = e.temp('i64');
    code.get(args[0]!);
    if (from === 'i32') code.op(`i64.extend_i32_${sign}`);
    code.set(value);
    if (e.flagUse(node) === 'raise' && !(from === 'i32' && format === 'f64')) {
      const limit = format === 'f64' ? 2n ** 53n : 2n ** 24n;
      code.get(value);
      code.i64(sign === 's' ? limit : 0n);
      code.op('i64.add');
      code.i64(sign === 's' ? 2n * limit : limit);
      code.op('i64.gt_u');
      pushInexact(e);
      code.op('i32.eqz', 'i32.and');
      code.branchIf(site.slow);
    }
    code.get(value);
    code.op(`${format}.convert_i64_${sign}`, toBits(format));
    code.set(site.result);
  };

export const betweenFormats: FastPath = (site) => {
  const { code } = site.e;
  const from = formatOf(typeOf(site.node, 0));
  const to = formatOf(site.node.type);
  if (from === to) return code.branch(site.slow);
  if (to === 'f64') {
    requireNumbers(site, [0]);
    pushFloat(site, 0);
    code.op('f64.promote_f32', 'i64.reinterpret_f64');
    return code.set(site.result);
  }
  requireNearest(site);
  pushFloat(site, 0);
  code.op('f32.demote_f64', 'i32.reinterpret_f32');
  code.set(site.result);
  requireWellInRange(site, 'f32');
  code.get(site.result);
  code.op('f32.reinterpret_i32', 'f64.promote_f32');
  pushFloat(site, 0);
  requireEqualUnlessMoot(site);
};

export const raise: Lowering = (e, node) => {
  const source = node.args[0]!;
  e.code.get(e.stickyExceptions());
  e.code.get(e.flagLocal(source));
  e.code.op('i32.or');
  e.code.set(e.stickyExceptions());
};

export const flagsOf: Lowering = (e, node) => e.code.get(e.flagLocal(node.args[0]!));

import type { Node } from '../../../../domain/ir/node.ts';
import { fpException, rounding } from '../../../../domain/ir/types.ts';
import { control } from '../../memory/control-memory.ts';
import type { Label } from '../codegen/function-body.ts';
import type { PlainOp } from '../codegen/opcodes.ts';
import { controlMemory, type Emitter, type Lowering, representation, typeOf } from './emitter.ts';

/**
 * IEEE arithmetic with exact exceptions. Law: the native instruction is used only where it provably gives the
 * IR's bits and raises nothing that is not already raised; everything else calls the exact arithmetic of the
 * domain with bit patterns.
 */
export interface FloatSite {
  readonly e: Emitter;
  readonly node: Node;
  readonly args: readonly number[];
  readonly result: number;
  readonly slow: Label;
  /** Branches to the exact path where inexact is raised for the first time: `pushInexact` pushes whether it is. */
  unlessExactOrMoot(pushInexact: () => void): void;
}
export type FastPath = (site: FloatSite) => void;
export type Format = 'f32' | 'f64';

/** The import that evaluates a float op exactly; its name says which op and types. */
export const exactImport = (node: Node): string =>
  `float ${node.op} ${node.args.map(({ type }) => type).join(' ')} ${node.type}`;

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
    const unlessExactOrMoot = (pushInexact: () => void) => {
      if (use !== 'raise') return;
      pushSticky(e);
      code.op('i32.eqz');
      code.if();
      pushInexact();
      code.branchIf(slow);
      code.end();
    };
    fast({ e, node, args, result, slow, unlessExactOrMoot });
    code.branch(done);
    code.end();
    if (e.callsSlowPath) {
      exact();
      code.set(result);
      takeFlags();
    } else e.leaveForSlowPath();
    code.end();
    code.get(result);
  };

/** Pushes something that is not zero when inexact has been raised already. */
function pushSticky(e: Emitter): void {
  e.code.get(e.stickyExceptions());
  e.code.i32(fpException.inexact);
  e.code.op('i32.and');
}

const isMode = (node: Node, position: number) =>
  typeOf(node, position) === 'i8' && position === node.args.length - 1;

/** To the exact path in any rounding mode but to nearest even, the only one that wasm has. */
export function requireNearest({ e, node, args, slow }: FloatSite): void {
  const position = node.args.length - 1;
  if (!isMode(node, position)) return;
  e.code.get(args[position]!);
  e.code.i32(rounding.nearestEven);
  e.code.op('i32.ne');
  e.code.branchIf(slow);
}

export const formatOf = (type: Node['type']): Format => (type === 'f32' ? 'f32' : 'f64');

/** Pushes an argument as a native float. */
export function pushFloat({ e, node, args }: FloatSite, position: number): Format {
  const format = formatOf(typeOf(node, position));
  e.code.get(args[position]!);
  e.code.op(format === 'f64' ? 'f64.reinterpret_i64' : 'f32.reinterpret_i32');
  return format;
}

/** Pushes the result as a native float. */
export function pushResult({ e, result, node }: FloatSite): void {
  e.code.get(result);
  e.code.op(formatOf(node.type) === 'f64' ? 'f64.reinterpret_i64' : 'f32.reinterpret_i32');
}

export const toBits = (format: Format): PlainOp =>
  format === 'f64' ? 'i64.reinterpret_f64' : 'i32.reinterpret_f32';

export const maxExponent = { f32: 0xff, f64: 0x7ff } as const;

/** Pushes the biased exponent of a local that holds a pattern, as an i32. */
export function pushExponent({ e }: FloatSite, local: number, format: Format): void {
  e.code.get(local);
  if (format === 'f64') {
    e.code.i64(52n);
    e.code.op('i64.shr_u', 'i32.wrap_i64');
  } else {
    e.code.i32(23);
    e.code.op('i32.shr_u');
  }
  e.code.i32(maxExponent[format]);
  e.code.op('i32.and');
}

/** Pushes whether a local's biased exponent is below `least` or says infinity or NaN. */
export function pushOutOfRange(site: FloatSite, local: number, format: Format, least: number): void {
  pushExponent(site, local, format);
  site.e.code.i32(least);
  site.e.code.op('i32.sub');
  site.e.code.i32(maxExponent[format] - least);
  site.e.code.op('i32.ge_u');
}

/** To the exact path where the result is infinite, NaN, zero, subnormal or in the lowest normal binade. */
export function requireWellInRange(site: FloatSite, format: Format): void {
  pushOutOfRange(site, site.result, format, 2);
  site.e.code.branchIf(site.slow);
}

/** To the exact path where the result is infinite or NaN. */
export function requireFinite(site: FloatSite, format: Format): void {
  pushExponent(site, site.result, format);
  site.e.code.i32(maxExponent[format]);
  site.e.code.op('i32.eq');
  site.e.code.branchIf(site.slow);
}

/** Branches to the exact path when two doubles on the stack differ, unless inexact is already sticky. */
export function requireEqualUnlessMoot({ e, node, slow }: FloatSite): void {
  e.code.op('f64.ne');
  if (e.flagUse(node) === 'raise') {
    pushSticky(e);
    e.code.op('i32.eqz', 'i32.and');
  } else {
    e.code.i32(0);
    e.code.op('i32.and');
  }
  e.code.branchIf(slow);
}

export const raise: Lowering = (e, node) => {
  const source = node.args[0]!;
  e.code.get(e.stickyExceptions());
  e.code.get(e.flagLocal(source));
  e.code.op('i32.or');
  e.code.set(e.stickyExceptions());
};

export const flagsOf: Lowering = (e, node) => e.code.get(e.flagLocal(node.args[0]!));

import { fpException, rounding } from '../../../../domain/ir/types.ts';
import type { PlainOp } from '../codegen/opcodes.ts';
import { typeOf } from './emitter.ts';
import {
  type FastPath,
  type FloatSite,
  formatOf,
  pushFloat,
  requireEqualUnlessMoot,
  requireNearest,
  requireWellInRange,
  toBits,
} from './float-site.ts';

/** Comparisons, extrema and conversions: exact unless an operand is a NaN, or the value does not fit. */

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
      code.get(e.stickyExceptions());
      code.i32(fpException.inexact);
      code.op('i32.and', 'i32.eqz', 'i32.and');
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

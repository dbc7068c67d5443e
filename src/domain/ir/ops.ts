import { bitLength, maskOf, popCount, signed, truncate } from '../shared/bits.ts';
import * as ieee from '../float/arithmetic.ts';
import { compare, maximumNumber, minimumNumber } from '../float/comparison.ts';
import * as convert from '../float/conversion.ts';
import { formats, type Rounded, type RoundingMode } from '../float/format.ts';
import { sqrt } from '../float/square-root.ts';
import { type FloatType, type IrType, widths } from './types.ts';

/**
 * The IR's op table: the one place that says what an op is. A signature reads `arguments -> result`, where I is
 * one integer type, J another integer type, F one float type, G another float type, A any type, and a type's
 * name is itself. Evaluators take and give unsigned bit patterns. Laws: every pure op is total (division,
 * shifts and conversions are defined for every input); an op's value depends on its arguments and attributes only.
 */
/** The result type and attributes of the node being evaluated (its node type derives from this table). */
interface Site {
  readonly type: string;
  readonly attr: unknown;
}
type Evaluate = (args: readonly bigint[], width: number, node: Site, argTypes: readonly IrType[]) => bigint;
type EvaluateFloat = (args: readonly bigint[], node: Site, argTypes: readonly IrType[]) => Rounded;

/** `effect`: what the op does besides computing a value. `terminator` ends a block. */
type Effect = 'none' | 'reads-state' | 'writes-state' | 'memory' | 'side-exit' | 'terminator' | 'marker';

export interface Op {
  readonly signature: string;
  readonly effect: Effect;
  readonly evaluate?: Evaluate;
  /** Computes an IEEE result and the exceptions it raises, which `raise` and `fpFlags` observe. */
  readonly evaluateFloat?: EvaluateFloat;
}

const pure = (signature: string, evaluate: Evaluate) => ({ signature, effect: 'none', evaluate }) as const;
const float = (signature: string, evaluateFloat: EvaluateFloat) =>
  ({ signature, effect: 'none', evaluateFloat }) as const;
const effect = <E extends Effect>(signature: string, kind: E) => ({ signature, effect: kind }) as const;

const bool = (condition: boolean): bigint => (condition ? 1n : 0n);
const shift = (amount: bigint, width: number): bigint => amount & BigInt(width - 1);
const formatOf = (types: readonly IrType[]) => formats[types[0] as FloatType];
const mode = (value: bigint): RoundingMode => Number(value) as RoundingMode;
const target = (node: Site): number => widths[node.type as IrType];

// prettier-ignore
export const ops = {
  // Integer arithmetic, modulo 2^width.
  add: pure('I I -> I', ([a, b], w) => truncate(a! + b!, w)),
  sub: pure('I I -> I', ([a, b], w) => truncate(a! - b!, w)),
  mul: pure('I I -> I', ([a, b], w) => truncate(a! * b!, w)),
  mulHighU: pure('I I -> I', ([a, b], w) => (a! * b!) >> BigInt(w)),
  mulHighS: pure('I I -> I', ([a, b], w) => truncate((signed(a!, w) * signed(b!, w)) >> BigInt(w), w)),
  mulHighSU: pure('I I -> I', ([a, b], w) => truncate((signed(a!, w) * b!) >> BigInt(w), w)),
  // Division by zero gives all ones, its remainder the dividend; the one signed overflow wraps.
  divU: pure('I I -> I', ([a, b], w) => (b === 0n ? maskOf(w) : a! / b!)),
  divS: pure('I I -> I', ([a, b], w) => (b === 0n ? maskOf(w) : truncate(signed(a!, w) / signed(b!, w), w))),
  remU: pure('I I -> I', ([a, b]) => (b === 0n ? a! : a! % b!)),
  remS: pure('I I -> I', ([a, b], w) => (b === 0n ? a! : truncate(signed(a!, w) % signed(b!, w), w))),
  and: pure('I I -> I', ([a, b]) => a! & b!),
  or: pure('I I -> I', ([a, b]) => a! | b!),
  xor: pure('I I -> I', ([a, b]) => a! ^ b!),
  // Shift and rotate amounts are taken modulo the width.
  shl: pure('I I -> I', ([a, b], w) => truncate(a! << shift(b!, w), w)),
  shrU: pure('I I -> I', ([a, b], w) => a! >> shift(b!, w)),
  shrS: pure('I I -> I', ([a, b], w) => truncate(signed(a!, w) >> shift(b!, w), w)),
  rotl: pure('I I -> I', ([a, b], w) => truncate((a! << shift(b!, w)) | (a! >> (BigInt(w) - shift(b!, w))), w)),
  rotr: pure('I I -> I', ([a, b], w) => truncate((a! >> shift(b!, w)) | (a! << (BigInt(w) - shift(b!, w))), w)),
  // Counting zeros of zero gives the width.
  clz: pure('I -> I', ([a], w) => BigInt(w - bitLength(a!))),
  ctz: pure('I -> I', ([a], w) => (a === 0n ? BigInt(w) : BigInt(bitLength(a! & -a!) - 1))),
  popcount: pure('I -> I', ([a]) => BigInt(popCount(a!))),
  byteSwap: pure('I -> I', ([a], w) => {
    let swapped = 0n;
    for (let bit = 0; bit < w; bit += 8) swapped = (swapped << 8n) | ((a! >> BigInt(bit)) & 0xffn);
    return swapped;
  }),
  eq: pure('I I -> i1', ([a, b]) => bool(a === b)),
  ne: pure('I I -> i1', ([a, b]) => bool(a !== b)),
  ltU: pure('I I -> i1', ([a, b]) => bool(a! < b!)),
  leU: pure('I I -> i1', ([a, b]) => bool(a! <= b!)),
  ltS: pure('I I -> i1', ([a, b], _, __, [t]) => bool(signed(a!, widths[t!]) < signed(b!, widths[t!]))),
  leS: pure('I I -> i1', ([a, b], _, __, [t]) => bool(signed(a!, widths[t!]) <= signed(b!, widths[t!]))),
  select: pure('i1 A A -> A', ([condition, a, b]) => (condition === 1n ? a! : b!)),
  // Between types.
  zext: pure('I -> J', ([a]) => a!),
  sext: pure('I -> J', ([a], w, _, [t]) => truncate(signed(a!, widths[t!]), w)),
  trunc: pure('I -> J', ([a], w) => truncate(a!, w)),
  bitcast: pure('A -> B', ([a]) => a!),
  extract: pure('I -> J', ([a], w, node) => truncate(a! >> BigInt((node.attr as { lsb: number }).lsb), w)),
  concat: pure('I I -> J', ([high, low], _, __, [, t]) => (high! << BigInt(widths[t!])) | low!),
  laneExtract: pure('v128 i8 -> A', ([v, lane], w) => truncate(v! >> ((lane! * BigInt(w)) & 127n), w)),
  laneInsert: pure('v128 A -> v128', ([v, lane], _, node, [, t]) => {
    const at = BigInt((node.attr as { lane: number }).lane * widths[t!]);
    return (v! & ~(maskOf(widths[t!]) << at)) | (lane! << at);
  }),

  // IEEE 754. The last i8 is a rounding mode in 0..4. A NaN result is the canonical quiet NaN (sign 0, payload 0);
  // tininess is detected after rounding. An ISA whose NaN rules differ selects its own result around the op.
  fadd: float('F F i8 -> F', ([a, b, rm], _, t) => ieee.add(formatOf(t), a!, b!, mode(rm!))),
  fsub: float('F F i8 -> F', ([a, b, rm], _, t) => ieee.sub(formatOf(t), a!, b!, mode(rm!))),
  fmul: float('F F i8 -> F', ([a, b, rm], _, t) => ieee.mul(formatOf(t), a!, b!, mode(rm!))),
  fdiv: float('F F i8 -> F', ([a, b, rm], _, t) => ieee.div(formatOf(t), a!, b!, mode(rm!))),
  fsqrt: float('F i8 -> F', ([a, rm], _, t) => sqrt(formatOf(t), a!, mode(rm!))),
  fma: float('F F F i8 -> F', ([a, b, c, rm], _, t) => ieee.fma(formatOf(t), a!, b!, c!, mode(rm!))),
  // IEEE 754-2019 minimumNumber and maximumNumber: −0 < +0; a signalling NaN raises invalid.
  fmin: float('F F -> F', ([a, b], _, t) => minimumNumber(formatOf(t), a!, b!)),
  fmax: float('F F -> F', ([a, b], _, t) => maximumNumber(formatOf(t), a!, b!)),
  // Comparisons are false for NaN. The quiet ones raise invalid for a signalling NaN only, the others for any NaN.
  feqQuiet: float('F F -> i1', ([a, b], _, t) => compare(formatOf(t), 'eq', a!, b!, 'quiet')),
  fltQuiet: float('F F -> i1', ([a, b], _, t) => compare(formatOf(t), 'lt', a!, b!, 'quiet')),
  fleQuiet: float('F F -> i1', ([a, b], _, t) => compare(formatOf(t), 'le', a!, b!, 'quiet')),
  fltSignaling: float('F F -> i1', ([a, b], _, t) => compare(formatOf(t), 'lt', a!, b!, 'signaling')),
  fleSignaling: float('F F -> i1', ([a, b], _, t) => compare(formatOf(t), 'le', a!, b!, 'signaling')),
  // Out of range saturates and raises invalid; a NaN converts to the largest integer.
  floatToIntS: float('F i8 -> I', ([a, rm], n, t) => convert.toInteger(formatOf(t), a!, mode(rm!), target(n), 'signed')),
  floatToIntU: float('F i8 -> I', ([a, rm], n, t) => convert.toInteger(formatOf(t), a!, mode(rm!), target(n), 'unsigned')),
  intToFloatS: float('I i8 -> F', ([a, rm], n, [t]) => convert.fromInteger(formats[n.type as FloatType], signed(a!, widths[t!]), mode(rm!))),
  intToFloatU: float('I i8 -> F', ([a, rm], n) => convert.fromInteger(formats[n.type as FloatType], a!, mode(rm!))),
  floatToFloat: float('F i8 -> G', ([a, rm], n, t) => convert.between(formatOf(t), formats[n.type as FloatType], a!, mode(rm!))),
  // The exceptions raised in computing the argument, which must be a float op's value (fpException bits).
  fpFlags: effect('A -> i32', 'none'),
  // fpExceptions slot |= fpFlags(argument).
  raise: effect('A -> void', 'writes-state'),

  // Guest state and counters.
  const: effect('-> A', 'none'),
  pc: effect('-> i64', 'none'),
  read: effect('-> A', 'reads-state'),
  write: effect('A -> void', 'writes-state'),
  counter: effect('-> i64', 'reads-state'),

  // Memory. A fault leaves the instruction without effect; storeIf touches memory only when its condition holds.
  load: effect('i64 -> A', 'memory'),
  store: effect('i64 A -> void', 'memory'),
  storeIf: effect('i1 i64 A -> void', 'memory'),
  rmw: effect('i64 I -> I', 'memory'),
  compareExchange: effect('i64 I I -> I', 'memory'),
  fence: effect('-> void', 'memory'),

  // Control.
  instruction: effect('-> void', 'marker'),
  trapIf: effect('i1 -> void', 'side-exit'),
  trap: effect('-> void', 'terminator'),
  jump: effect('i64 -> void', 'terminator'),
  branch: effect('i1 i64 i64 -> void', 'terminator'),
  next: effect('-> void', 'terminator'),
  syscall: effect('-> void', 'terminator'),
  fenceInstruction: effect('-> void', 'terminator'),
} as const satisfies Record<string, Op>;

export type OpName = keyof typeof ops;

export const opOf = (name: OpName): Op => ops[name];
/** Whether an op computes an IEEE result whose exceptions can be observed. */
export const raisesFlags = (name: OpName): boolean => opOf(name).evaluateFloat !== undefined;
/** Whether an op can leave the block before its instruction completes. */
export const mayFault = (name: OpName): boolean => {
  const { effect } = opOf(name);
  return (effect === 'memory' && name !== 'fence') || effect === 'side-exit' || name === 'trap';
};

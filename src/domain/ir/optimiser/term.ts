import type { OpName } from '../ops.ts';
import type { IrType } from '../types.ts';

/**
 * The terms in which optimiser rules are written. A type is named by itself or by a letter, which stands for any type
 * of its domain, the same one everywhere in a rule. The rules are proved at every type of a letter's domain, and apply there only.
 */
const integers = ['i8', 'i16', 'i32', 'i64'] as const;

export const typeLetters = {
  I: integers,
  J: integers,
  K: integers,
  /** Integers, the single bit among them. */
  B: ['i1', ...integers],
  /** Whatever a register can hold. */
  A: ['i1', ...integers, 'f32', 'f64'],
} as const satisfies Record<string, readonly IrType[]>;

export type TypeLetter = keyof typeof typeLetters;
export type TypeName = TypeLetter | IrType;

export type Term =
  /** Any value; equal names are the same value. */
  | { readonly kind: 'any'; readonly name: string; readonly type: TypeName }
  /** Any constant. */
  | { readonly kind: 'constant'; readonly name: string; readonly type: TypeName }
  /** This number, modulo the type's size. */
  | { readonly kind: 'number'; readonly value: bigint; readonly type: TypeName }
  /** The width of a type, as a number of another type. */
  | { readonly kind: 'width'; readonly of: TypeName; readonly type: TypeName }
  | OperationTerm;

export interface OperationTerm {
  readonly kind: 'operation';
  readonly op: OpName;
  readonly type: TypeName;
  readonly args: readonly Term[];
  readonly attr?: { readonly lsb: number };
}

export const isLetter = (type: TypeName): type is TypeLetter => type in typeLetters;

export const any = (name: string, type: TypeName = 'I'): Term => ({ kind: 'any', name, type });
export const constant = (name: string, type: TypeName = 'I'): Term => ({ kind: 'constant', name, type });
export const num = (value: number | bigint, type: TypeName = 'I'): Term => ({
  kind: 'number',
  value: BigInt(value),
  type,
});
export const widthOf = (of: TypeName, type: TypeName = 'I'): Term => ({ kind: 'width', of, type });

const operation = (op: OpName, type: TypeName, ...args: Term[]): OperationTerm => ({
  kind: 'operation',
  op,
  type,
  args,
});

/** An op whose result has its first argument's type. */
const same =
  (op: OpName) =>
  (a: Term, b: Term): OperationTerm =>
    operation(op, a.type, a, b);
const unary =
  (op: OpName) =>
  (a: Term): OperationTerm =>
    operation(op, a.type, a);
const comparison =
  (op: OpName) =>
  (a: Term, b: Term): OperationTerm =>
    operation(op, 'i1', a, b);
const conversion =
  (op: OpName) =>
  (a: Term, type: TypeName): OperationTerm =>
    operation(op, type, a);

export const [add, sub, mul, and, or, xor] = [
  same('add'),
  same('sub'),
  same('mul'),
  same('and'),
  same('or'),
  same('xor'),
];
export const [divU, divS, remU, remS] = [same('divU'), same('divS'), same('remU'), same('remS')];
export const [mulHighU, mulHighS, mulHighSU] = [same('mulHighU'), same('mulHighS'), same('mulHighSU')];
export const [shl, shrU, shrS, rotl, rotr] = [
  same('shl'),
  same('shrU'),
  same('shrS'),
  same('rotl'),
  same('rotr'),
];
export const [ctz, popcount, byteSwap] = [unary('ctz'), unary('popcount'), unary('byteSwap')];
export const [eq, ne, ltU, leU, ltS, leS] = [
  comparison('eq'),
  comparison('ne'),
  comparison('ltU'),
  comparison('leU'),
  comparison('ltS'),
  comparison('leS'),
];
export const [zext, sext, trunc, bitcast] = [
  conversion('zext'),
  conversion('sext'),
  conversion('trunc'),
  conversion('bitcast'),
];
export const select = (condition: Term, a: Term, b: Term): OperationTerm =>
  operation('select', a.type, condition, a, b);
export const extract = (a: Term, lsb: number, type: TypeName): OperationTerm => ({
  ...operation('extract', type, a),
  attr: { lsb },
});

/** Values of the usual names. */
export const [x, y, z] = [any('x'), any('y'), any('z')];
export const [c, d] = [constant('c'), constant('d')];
/** A single bit. */
export const [p, q] = [any('p', 'i1'), any('q', 'i1')];
/** Values of any integer type, and of any type at all. */
export const [bx, by] = [any('x', 'B'), any('y', 'B')];
export const [ax, ay] = [any('x', 'A'), any('y', 'A')];

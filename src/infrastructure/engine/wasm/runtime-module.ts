import { FunctionBody } from './codegen/function-body.ts';
import { ModuleBuilder } from './codegen/module-builder.ts';
import { AssembledModules } from './interpreter/assembled-modules.ts';

/**
 * Functions that generated code shares: the high half of 64-bit products from four 32-bit ones, and fused
 * multiply-add by error-free transformations.
 */
let exports: Readonly<Record<string, CallableFunction>> | undefined;

/** The runtime's functions by import name; compiled once a process, of what `assembled` has of them. */
export function runtimeFunctions(
  assembled = new AssembledModules(),
): Readonly<Record<string, CallableFunction>> {
  if (exports) return exports;
  const { bytes } = assembled.get('runtime', () => ({ bytes: assemble(), imports: [] }));
  exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return exports;
}

function assemble(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const wide = { parameters: ['i64', 'i64'], results: ['i64'] } as const;
  module.define('mulHighuu', wide, multiplyHigh(false, false));
  module.define('mulHighss', wide, multiplyHigh(true, true));
  module.define('mulHighsu', wide, multiplyHigh(true, false));
  module.define('fma f32', { parameters: ['i32', 'i32', 'i32'], results: ['i32'] }, fusedSingle());
  module.define('fma f64', { parameters: ['i64', 'i64', 'i64'], results: ['i64'] }, fusedDouble());
  return module.assemble();
}

/** Knuth, TAOCP 4.3.1 M; a signed factor subtracts the other one where it is negative (Hacker's Delight 8-3). */
function multiplyHigh(aSigned: boolean, bSigned: boolean): FunctionBody {
  const code = new FunctionBody(['i64', 'i64']);
  const [a, b] = [0, 1];
  const [low, middle] = [code.local('i64'), code.local('i64')];
  const half = (local: number, high: boolean) => {
    code.get(local);
    code.i64(high ? 32n : 0xffff_ffffn);
    code.op(high ? 'i64.shr_u' : 'i64.and');
  };
  const product = (aHigh: boolean, bHigh: boolean) => {
    half(a, aHigh);
    half(b, bHigh);
    code.op('i64.mul');
  };
  product(true, false);
  product(false, false);
  code.i64(32n);
  code.op('i64.shr_u', 'i64.add');
  code.set(middle);
  product(false, true);
  half(middle, false);
  code.op('i64.add');
  code.set(low);
  product(true, true);
  half(middle, true);
  code.op('i64.add');
  half(low, true);
  code.op('i64.add');
  const subtractWhereNegative = (sign: number, other: number) => {
    code.get(sign);
    code.i64(63n);
    code.op('i64.shr_s');
    code.get(other);
    code.op('i64.and', 'i64.sub');
  };
  if (aSigned) subtractWhereNegative(a, b);
  if (bSigned) subtractWhereNegative(b, a);
  return code;
}

/** Emits `error` of the sum `s = a + b` (Knuth's TwoSum: (a − (s − t)) + (b − t) with t = s − a). */
function twoSumError(code: FunctionBody, a: number, b: number, s: number, t: number): void {
  code.get(s);
  code.get(a);
  code.op('f64.sub');
  code.set(t);
  code.get(a);
  code.get(s);
  code.get(t);
  code.op('f64.sub', 'f64.sub');
  code.get(b);
  code.get(t);
  code.op('f64.sub', 'f64.add');
}

/**
 * Rounds the sum s + e (e the error of s, both locals) to odd: where e is not zero and s is even, s moves to its
 * neighbour on e's side. Rounding that once more to fewer bits is a single correct rounding (Boldo, Melquiond 2008).
 */
function roundToOdd(code: FunctionBody, s: number, e: number, bits: number): void {
  code.get(s);
  code.op('i64.reinterpret_f64');
  code.tee(bits);
  code.i64(1n);
  code.op('i64.and', 'i64.eqz');
  code.get(e);
  code.f64(0);
  code.op('f64.ne', 'i32.and');
  code.if();
  code.get(bits);
  code.i64(1n);
  code.i64(-1n);
  // The magnitude grows where s and e have the same sign.
  code.get(e);
  code.op('i64.reinterpret_f64');
  code.get(bits);
  code.op('i64.xor');
  code.i64(0n);
  code.op('i64.ge_s', 'select', 'i64.add', 'f64.reinterpret_i64');
  code.set(s);
  code.end();
}

/** The product is exact in double precision; the sum is rounded to odd there, then to single. */
function fusedSingle(): FunctionBody {
  const code = new FunctionBody(['i32', 'i32', 'i32']);
  const [p, c, s, t, e] = [1, 2, 3, 4, 5].map(() => code.local('f64')) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const bits = code.local('i64');
  const promoted = (local: number) => {
    code.get(local);
    code.op('f32.reinterpret_i32', 'f64.promote_f32');
  };
  promoted(0);
  promoted(1);
  code.op('f64.mul');
  code.set(p);
  promoted(2);
  code.set(c);
  code.get(p);
  code.get(c);
  code.op('f64.add');
  code.set(s);
  twoSumError(code, p, c, s, t);
  code.set(e);
  roundToOdd(code, s, e, bits);
  code.get(s);
  code.op('f32.demote_f64', 'i32.reinterpret_f32');
  return code;
}

/**
 * Exact product by Dekker and Veltkamp, sum by Boldo and Melquiond. Valid where no step over- or underflows: all
 * operands lie in 2^±400 and the result does not cancel below that; else the answer is the pattern of a NaN.
 */
function fusedDouble(): FunctionBody {
  const code = new FunctionBody(['i64', 'i64', 'i64']);
  const names = [
    'a',
    'b',
    'c',
    'ah',
    'al',
    'bh',
    'bl',
    'uh',
    'ul',
    'th',
    'tl',
    'vh',
    'vl',
    'z',
    'e',
    't',
  ] as const;
  const local = Object.fromEntries(names.map((name) => [name, code.local('f64')])) as Record<
    (typeof names)[number],
    number
  >;
  const bits = code.local('i64');
  const binary = (op: 'f64.add' | 'f64.sub' | 'f64.mul', left: number, right: number) => {
    code.get(left);
    code.get(right);
    code.op(op);
  };
  const outOfRange = code.block();
  for (const [parameter, name] of (['a', 'b', 'c'] as const).entries()) {
    code.get(parameter);
    code.op('f64.reinterpret_i64');
    code.set(local[name]);
    code.get(parameter);
    code.i64(52n);
    code.op('i64.shr_u', 'i32.wrap_i64');
    code.i32(0x7ff);
    code.op('i32.and');
    code.i32(1023 - 400);
    code.op('i32.sub');
    code.i32(800);
    code.op('i32.gt_u');
    code.branchIf(outOfRange);
  }
  for (const [whole, high, low] of [
    ['a', 'ah', 'al'],
    ['b', 'bh', 'bl'],
  ] as const) {
    code.get(local[whole]);
    code.f64(2 ** 27 + 1);
    code.op('f64.mul');
    code.set(local.t);
    code.get(local.t);
    binary('f64.sub', local.t, local[whole]);
    code.op('f64.sub');
    code.set(local[high]);
    binary('f64.sub', local[whole], local[high]);
    code.set(local[low]);
  }
  binary('f64.mul', local.a, local.b);
  code.set(local.uh);
  // ul = ((ah·bh − uh) + ah·bl + al·bh) + al·bl
  binary('f64.mul', local.ah, local.bh);
  code.get(local.uh);
  code.op('f64.sub');
  binary('f64.mul', local.ah, local.bl);
  code.op('f64.add');
  binary('f64.mul', local.al, local.bh);
  code.op('f64.add');
  binary('f64.mul', local.al, local.bl);
  code.op('f64.add');
  code.set(local.ul);
  const twoSum = (a: number, b: number, s: number, e: number) => {
    binary('f64.add', a, b);
    code.set(s);
    twoSumError(code, a, b, s, local.t);
    code.set(e);
  };
  twoSum(local.c, local.ul, local.th, local.tl);
  twoSum(local.uh, local.th, local.vh, local.vl);
  twoSum(local.tl, local.vl, local.z, local.e);
  roundToOdd(code, local.z, local.e, bits);
  binary('f64.add', local.vh, local.z);
  code.op('i64.reinterpret_f64', 'return');
  code.end();
  code.i64(0x7ff8_0000_0000_0000n);
  return code;
}

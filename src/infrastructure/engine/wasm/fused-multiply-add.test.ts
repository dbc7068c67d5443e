import { expect, test } from '@jest/globals';
import { fma } from '../../../domain/float/arithmetic.ts';
import { formats } from '../../../domain/float/format.ts';
import { FunctionBody } from './codegen/function-body.ts';
import { ModuleBuilder } from './codegen/module-builder.ts';
import { hostFusesMultiplyAdd } from './fused-multiply-add.ts';

/** a × b + c of doubles as the host's relaxed_madd computes it. */
function hostMultiplyAdd(): (a: number, b: number, c: number) => number {
  const code = new FunctionBody(['f64', 'f64', 'f64']);
  for (const operand of [0, 1, 2]) {
    code.get(operand);
    code.simd('f64x2.splat');
  }
  code.simd('f64x2.relaxed_madd');
  code.extractLane('f64', 0);
  const module = new ModuleBuilder();
  module.define('f', { parameters: ['f64', 'f64', 'f64'], results: ['f64'] }, code);
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(module.assemble())).exports;
  return (...operands) => f!(...operands) as number;
}

const bitsOf = (value: number): bigint => new BigUint64Array(new Float64Array([value]).buffer)[0]!;

test('where the host says that it fuses, its results are those of the exact arithmetic', () => {
  // Where it does not, nobody relies on it, and there is nothing to compare.
  expect(typeof hostFusesMultiplyAdd()).toBe('boolean');
  if (!hostFusesMultiplyAdd()) return;
  const host = hostMultiplyAdd();
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 0x7fff_ffff) / 0x7fff_ffff;
  for (let sample = 0; sample < 2000; sample++) {
    const [a, b] = [random() * 2 ** (sample % 60), -1 - random()];
    const c = sample % 2 ? -(a * b) : random();
    expect(bitsOf(host(a, b, c))).toBe(fma(formats.f64, bitsOf(a), bitsOf(b), bitsOf(c), 0).bits);
  }
});

import { FunctionBody } from './codegen/function-body.ts';
import { ModuleBuilder } from './codegen/module-builder.ts';

/**
 * Whether `relaxed_madd` and `relaxed_nmadd` round once on this host, as the WebAssembly specification allows but does not
 * demand (3.0, relaxed vector instructions). Found out by computing the error of a product, once a process.
 */
let answer: boolean | undefined;

export function hostFusesMultiplyAdd(): boolean {
  return (answer ??= isFused('f64', 1 + 2 ** -52, 2 ** -52) && isFused('f32', 1 + 2 ** -23, 2 ** -23));
}

/** `value` is one and the least bit: only a fused operation sees that its square is not `1 + 2 × bit`. */
function isFused(format: 'f32' | 'f64', value: number, bit: number): boolean {
  const error = bit * bit;
  const square = 1 + 2 * bit;
  return (
    evaluate(format, 'relaxed_madd', value, value, -square) === error &&
    evaluate(format, 'relaxed_nmadd', value, value, square) === -error
  );
}

function evaluate(
  format: 'f32' | 'f64',
  op: 'relaxed_madd' | 'relaxed_nmadd',
  ...operands: number[]
): number | undefined {
  const code = new FunctionBody(['f64', 'f64', 'f64']);
  operands.forEach((_, parameter) => {
    code.get(parameter);
    if (format === 'f32') code.op('f32.demote_f64');
    code.simd(format === 'f64' ? 'f64x2.splat' : 'f32x4.splat');
  });
  code.simd(format === 'f64' ? `f64x2.${op}` : `f32x4.${op}`);
  code.extractLane(format, 0);
  if (format === 'f32') code.op('f64.promote_f32');
  const module = new ModuleBuilder();
  module.define('evaluate', { parameters: ['f64', 'f64', 'f64'], results: ['f64'] }, code);
  const bytes = module.assemble();
  if (!WebAssembly.validate(bytes)) return undefined;
  const { evaluate: run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  return run!(...operands) as number;
}

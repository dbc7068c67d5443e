/** Tries what machine code promises, and prints what came of it as JSON: in a process of its own, for coverage has V8 give none. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { machineCode } from '../../src/infrastructure/engine/wasm/cache/machine-code.ts';
import { FunctionBody } from '../../src/infrastructure/engine/wasm/codegen/function-body.ts';
import { ModuleBuilder } from '../../src/infrastructure/engine/wasm/codegen/module-builder.ts';

const type = { parameters: ['i32'], results: ['i32'] } as const;

/** A module that exports `plus`, which adds a constant. */
function moduleOf(constant: number) {
  const body = new FunctionBody(type.parameters);
  body.get(0);
  body.i32(constant);
  body.op('i32.add');
  const builder = new ModuleBuilder();
  builder.define('plus', type, body);
  const bytes = builder.assemble();
  const module = new WebAssembly.Module(bytes);
  return { bytes, module, plus: plusOf(module) };
}

function plusOf(module: WebAssembly.Module): (to: number) => number {
  return new WebAssembly.Instance(module).exports['plus'] as (to: number) => number;
}

const code = machineCode();
if (code === undefined) throw new Error('this V8 gives no machine code');

function taken(constant: number) {
  const { bytes, module, plus } = moduleOf(constant);
  code!.optimise(plus);
  const machine = code!.take(module, plus);
  if (machine === undefined) throw new Error('no machine code of an optimised function');
  return { bytes, machine };
}

function comesBack(constant: number) {
  const { bytes, machine } = taken(constant);
  const plus = plusOf(code!.module(machine, bytes)!);
  return { optimised: code!.isOptimised(plus), sum: plus(500) };
}

function forgetBytecode(): void {
  v8.setFlagsFromString('--expose-gc');
  v8.setFlagsFromString('--stress-flush-code');
  const collect = vm.runInNewContext('gc') as () => void;
  for (let times = 0; times < 10; times++) collect();
  v8.setFlagsFromString('--no-stress-flush-code');
  v8.setFlagsFromString('--no-expose-gc');
}

const cold = moduleOf(8);
const { bytes, machine } = taken(9);
const atFirst = comesBack(7);
const ofCold = code.take(cold.module, cold.plus) ?? 'none';
const short = code.module(machine.subarray(0, 8), bytes) ?? 'refused';
const changed = code.module(machine.with(0, machine[0]! ^ 1), bytes) ?? 'refused';
forgetBytecode();
process.stdout.write(JSON.stringify({ atFirst, ofCold, short, changed, later: comesBack(10) }));

import { expect, test } from '@jest/globals';
import v8 from 'node:v8';
import vm from 'node:vm';
import { FunctionBody } from '../codegen/function-body.ts';
import { ModuleBuilder } from '../codegen/module-builder.ts';
import { machineCode } from './machine-code.ts';

const type = { parameters: ['i32'], results: ['i32'] } as const;

/** Exports `plus`, which adds a constant. */
function bytesOf(constant: number): Uint8Array<ArrayBuffer> {
  const code = new FunctionBody(type.parameters);
  code.get(0);
  code.i32(constant);
  code.op('i32.add');
  const module = new ModuleBuilder();
  module.define('plus', type, code);
  return module.assemble();
}

const plusOf = (module: WebAssembly.Module) =>
  new WebAssembly.Instance(module).exports['plus'] as (to: number) => number;

const code = machineCode()!;

test('the V8 of the project gives machine code', () => {
  expect(machineCode()).toBeDefined();
});

test('takes optimised code, which runs as the module that it was taken of', () => {
  const bytes = bytesOf(7);
  const original = new WebAssembly.Module(bytes);
  const plus = plusOf(original);
  code.optimise(plus);
  const again = plusOf(code.module(code.take(original, plus)!, bytes)!);
  expect(code.isOptimised(again)).toBe(true);
  expect(again(500)).toBe(507);
});

test('gives no code of a function that V8 has not optimised', () => {
  const module = new WebAssembly.Module(bytesOf(8));
  expect(code.take(module, plusOf(module))).toBeUndefined();
});

test('is there though V8 forgets the bytecode of what was not called for long', () => {
  v8.setFlagsFromString('--expose-gc');
  v8.setFlagsFromString('--stress-flush-code');
  const collect = vm.runInNewContext('gc') as () => void;
  for (let times = 0; times < 10; times++) collect();
  v8.setFlagsFromString('--no-stress-flush-code');
  v8.setFlagsFromString('--no-expose-gc');
  const bytes = bytesOf(10);
  const original = new WebAssembly.Module(bytes);
  const plus = plusOf(original);
  code.optimise(plus);
  expect(code.module(code.take(original, plus)!, bytes)).toBeDefined();
});

test('V8 refuses what is not its code', () => {
  const bytes = bytesOf(9);
  const original = new WebAssembly.Module(bytes);
  const plus = plusOf(original);
  code.optimise(plus);
  const taken = code.take(original, plus)!;
  expect(code.module(taken.subarray(0, 8), bytes)).toBeUndefined();
  expect(code.module(taken.with(0, taken[0]! ^ 1), bytes)).toBeUndefined();
});

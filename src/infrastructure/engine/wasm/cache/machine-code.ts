import v8 from 'node:v8';
import { ModuleBuilder } from '../codegen/module-builder.ts';
import { FunctionBody } from '../codegen/function-body.ts';

/**
 * The machine code that V8 has made of a module, as bytes that another process can begin with: V8's runtime functions for tests of its
 * code cache, for Node has no other way to it. Only optimised functions are in it; V8 compiles the others when they are
 * first called. V8 takes code back from the same version under the same flags only, but trusts what it is given: whoever keeps
 * such bytes makes sure that they come back unchanged.
 */
export interface MachineCode {
  /** Has V8 optimise a function at once, unless it has done so. */
  optimise(exported: CallableFunction): void;
  isOptimised(exported: CallableFunction): boolean;
  /**
   * What V8 has optimised of a module so far; undefined unless one of its functions, `optimised`, is: V8 ends the process
   * when asked for code of a module that has none.
   */
  take(module: WebAssembly.Module, optimised: CallableFunction): Uint8Array<ArrayBuffer> | undefined;
  /** The module of `bytes` with code that was taken of it; undefined where V8 refuses that. */
  module(code: Uint8Array, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined;
}

let tested: MachineCode | null | undefined;

/** V8's machine code, if this V8 gives it and takes it back; undefined elsewhere. */
export function machineCode(): MachineCode | undefined {
  if (tested === undefined) {
    try {
      const code = runtimeFunctions();
      tested = comesBack(code) ? code : null;
    } catch {
      // A V8 without these functions does not parse their names, or throws.
      tested = null;
    }
  }
  return tested ?? undefined;
}

/**
 * V8 parses the names of its runtime functions only while its flag for them is set, so these must never be parsed again. V8 forgets the
 * bytecode of functions that were not called for a while and parses them anew, but for generators.
 */
function runtimeFunctions(): MachineCode {
  v8.setFlagsFromString('--allow-natives-syntax');
  try {
    const optimise = compiled('exported', '%WasmTierUpFunction(exported)');
    const isOptimised = compiled('exported', 'return %IsTurboFanFunction(exported)');
    const serialize = compiled('module', 'return %SerializeWasmModule(module)');
    const deserialize = compiled('code, bytes', 'return %DeserializeWasmModule(code, bytes)');
    return {
      optimise,
      isOptimised: (exported) => isOptimised(exported) === true,
      take: (module, optimised) =>
        isOptimised(optimised) === true ? new Uint8Array(serialize(module) as ArrayBuffer) : undefined,
      module: (code, bytes) => {
        const made = deserialize(code.slice().buffer, bytes);
        return made instanceof WebAssembly.Module ? made : undefined;
      },
    };
  } finally {
    v8.setFlagsFromString('--no-allow-natives-syntax');
  }
}

const Generator = Object.getPrototypeOf(function* () {
  yield undefined;
}).constructor as new (parameters: string, body: string) => (...given: unknown[]) => Iterator<never, unknown>;

function compiled(parameters: string, body: string): (...given: unknown[]) => unknown {
  const generator = new Generator(parameters, body);
  return (...given) => generator(...given).next().value;
}

function comesBack(code: MachineCode): boolean {
  const body = new FunctionBody([]);
  body.i32(1);
  const builder = new ModuleBuilder();
  builder.define('one', { parameters: [], results: ['i32'] }, body);
  const bytes = builder.assemble();
  const module = new WebAssembly.Module(bytes);
  const one = new WebAssembly.Instance(module).exports['one'] as CallableFunction;
  code.optimise(one);
  const taken = code.take(module, one);
  const again = taken && code.module(taken, bytes);
  const exported = again && (new WebAssembly.Instance(again).exports['one'] as () => number);
  return exported !== undefined && code.isOptimised(exported) && exported() === 1;
}

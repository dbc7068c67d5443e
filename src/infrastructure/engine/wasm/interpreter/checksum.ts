import { FunctionBody } from '../codegen/function-body.ts';
import { ModuleBuilder } from '../codegen/module-builder.ts';
import { formsLimits, type FormsMemory } from './forms-memory.ts';

/** Adds the words of eight bytes in `[start, end)` of a memory, whose distance is a multiple of eight, to a sum of 64 bits. */
export type Checksum = (start: number, end: number, sum: bigint) => bigint;

/** 2^64 divided by the golden ratio, odd. */
const factor = 0x9e37_79b9_7f4a_7c15n;
const rotation = 29n;

/**
 * For damage, not forgery: each step is a bijection of the sum, and one of the word, so that a change of one word always changes the
 * result. Node's crypto would take longer to load than all of this takes.
 */
export function checksumOf({ memory }: FormsMemory): Checksum {
  const code = new FunctionBody(['i32', 'i32', 'i64']);
  const [at, end, sum] = [0, 1, 2];
  const done = code.block();
  const next = code.loop();
  code.get(at);
  code.get(end);
  code.op('i32.ge_u');
  code.branchIf(done);
  code.get(sum);
  code.get(at);
  code.memory('i64.load', 0);
  code.op('i64.xor');
  code.i64(rotation);
  code.op('i64.rotl');
  code.i64(factor);
  code.op('i64.mul');
  code.set(sum);
  code.get(at);
  code.i32(8);
  code.op('i32.add');
  code.set(at);
  code.branch(next);
  code.end();
  code.end();
  code.get(sum);
  const module = new ModuleBuilder();
  module.importGrowingMemory('engine', 'forms', formsLimits.least, formsLimits.most);
  module.define('checksum', { parameters: ['i32', 'i32', 'i64'], results: ['i64'] }, code);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.assemble()), {
    engine: { forms: memory },
  });
  return exports['checksum'] as Checksum;
}

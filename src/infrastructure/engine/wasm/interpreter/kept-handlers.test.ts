import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../../../domain/isa/assembler.ts';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { state } from '../../../../domain/isa/riscv64/state.ts';
import { wasmEngineWith } from '../wasm-engine.ts';
import { keepForms } from './kept-forms.ts';
import { formsOf } from './forms.ts';

const directory = mkdtempSync(join(tmpdir(), 'isochron-handlers-'));
const identity = 'c'.repeat(64);
const code = 0x1_0000;

/** Integers, a product of the runtime, and floats with their flags. */
const program = `
  li a0, 12345
  li a1, -678
  mul a2, a0, a1
  mulhsu a3, a1, a0
  fcvt.d.l fa0, a0
  fcvt.d.l fa1, a1
  fdiv.d fa2, fa0, fa1
  fsqrt.d fa3, fa2
  fmv.x.d a4, fa2
  csrr a5, fflags
  sd a4, 1024(s0)
  ecall`;

/** Runs the program; gives the vCPU’s state. */
function run(isa: InstructionSet, memorySize = 1 << 20): Uint8Array {
  const engine = wasmEngineWith({ hotLimit: Infinity, memory: 'checked' });
  const machine = engine.createMachine({ isa, memorySize, counters: { timeAt: () => 0n } });
  const assembled = assemble(program, { isa: riscv64, origin: BigInt(code) });
  if (!assembled.ok) throw new Error(assembled.error.map(({ message }) => message).join('\n'));
  machine.memory.map(code, 0x2000, 7);
  machine.memory.write(code, assembled.value.bytes);
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  view.setBigUint64(state.x[8]!.offset, BigInt(code + 0x1000), true);
  view.setBigUint64(state.pc.offset, BigInt(code), true);
  expect(machine.run(1000)).toEqual({ reason: 'syscall' });
  return machine.cpu.slice();
}

/** An instruction set that no process has met, with what is kept. */
function fresh() {
  const isa = { ...riscv64 };
  return { isa, save: keepForms({ isa, directory, identity }) };
}

describe('kept handlers', () => {
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('do what handlers do that were compiled for the run', () => {
    const first = fresh();
    const before = run(first.isa);
    first.save();
    const second = fresh();
    const kept = formsOf(second.isa).modules.find(`handlers ${1 << 20}`);
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(kept!.bytes)).length;
    expect(exported).toBe(formsOf(second.isa).shapes);
    expect(exported).toBeGreaterThan(8);
    expect(run(second.isa)).toEqual(before);
  });

  test('are of one size of memory, and are kept for another when it is used', () => {
    const first = fresh();
    const before = run(first.isa);
    expect(run(first.isa, 1 << 21)).toEqual(before);
    expect(formsOf(first.isa).modules.find(`handlers ${1 << 21}`)).toBeUndefined();
    first.save();
    const second = fresh();
    expect(formsOf(second.isa).modules.find(`handlers ${1 << 21}`)).toBeDefined();
    expect(run(second.isa, 1 << 21)).toEqual(before);
  });

  test('are not kept without end', () => {
    const { isa } = fresh();
    const { modules } = formsOf(isa);
    for (let n = 0; n < 40; n++)
      modules.get(`handlers ${n}`, () => ({ bytes: new Uint8Array(), imports: [] }));
    expect(modules.kept.length).toBeLessThan(40);
    expect(modules.kept.at(-1)).toMatchObject({ key: 'handlers 39' });
  });
});

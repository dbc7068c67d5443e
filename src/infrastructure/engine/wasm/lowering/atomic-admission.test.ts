import { expect, test } from '@jest/globals';
import { assemble } from '../../../../domain/isa/assembler.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { state } from '../../../../domain/isa/riscv64/state.ts';
import { wasmEngineWith } from '../wasm-engine.ts';
import type { WasmMachine } from '../wasm-machine.ts';

const code = 0x1_0000;
const data = 0x2_0000;

/** Interprets one instruction and an ecall, with a0 at `address` on a page that nobody has stored to. */
function interpret(instruction: string, address: number, permissions = 3) {
  const engine = wasmEngineWith({ hotLimit: Infinity, memory: 'checked' });
  const options = { isa: riscv64, memorySize: 1 << 20, counters: { timeAt: () => 0n } };
  const machine = engine.createMachine(options) as WasmMachine;
  const assembled = assemble(`${instruction}\necall`, { isa: riscv64, origin: BigInt(code) });
  if (!assembled.ok) throw new Error(assembled.error.map(({ message }) => message).join('\n'));
  machine.memory.map(code, 0x1000, 7);
  machine.memory.map(data, 0x1000, permissions);
  machine.memory.write(code, assembled.value.bytes);
  machine.memory.takeDirtyPages();
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  view.setBigUint64(state.x[10]!.offset, BigInt(address), true);
  view.setBigUint64(state.x[11]!.offset, 5n, true);
  view.setBigUint64(state.pc.offset, BigInt(code), true);
  const stop = machine.run(10);
  return { stop, stepped: machine.stepped, dirty: machine.memory.takeDirtyPages(), memory: machine.memory };
}

test('an atomic operation that is the first to store to a page is not stepped', () => {
  const { stop, stepped, dirty, memory } = interpret('amoadd.w a2, a1, (a0)', data + 8);
  expect(stop).toEqual({ reason: 'syscall' });
  expect(stepped).toBe(0);
  expect(dirty).toEqual([data / 0x1000]);
  expect(memory.page(data / 0x1000)[8]).toBe(5);
});

test.each([
  ['misaligned', data + 2, 3],
  ['without permission to write', data + 8, 1],
  ['without permission to read', data + 8, 2],
])('one that is %s faults, and leaves the page alone', (_, address, permissions) => {
  const { stop, dirty } = interpret('amoadd.w a2, a1, (a0)', address, permissions);
  expect(stop).toMatchObject({ reason: 'fault' });
  expect(dirty).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { permission } from '../../src/application/ports/guest-memory.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { regionModes } from '../engine-modes.ts';

const [code, data, mebibyte] = [0x1_0000, 1 << 20, 1 << 20];
/** More than an engine keeps twice to be able to go back, and rounds that take more than one of its epochs. */
const [places, rounds] = [200, 2000];
const source = `li s1, ${rounds}
  li s2, ${mebibyte}
  round: li a0, ${data}
  li a1, ${places}
  next: ld a2, 0(a0)
  add a2, a2, s1
  sd a2, 0(a0)
  add a0, a0, s2
  addi a1, a1, -1
  bnez a1, next
  addi s1, s1, -1
  bnez s1, round
  ld a2, 0(zero)`;

test.each(regionModes)('%s faults precisely when much has been written', (_, engine) => {
  const { read, write, execute } = permission;
  const counters = { timeAt: () => 0n };
  const machine = engine.createMachine({ isa: riscv64, memorySize: 256 * mebibyte, counters });
  const program = assemble(source, { isa: riscv64, origin: BigInt(code) });
  if (!program.ok) throw new Error(program.error[0]?.message);
  machine.memory.map(code, 0x1000, read | write | execute);
  machine.memory.write(code, program.value.bytes);
  machine.memory.map(data, places * mebibyte, read | write);
  new DataView(machine.cpu.buffer, machine.cpu.byteOffset).setBigUint64(state.pc.offset, BigInt(code), true);

  const fault = { access: 'load', kind: 'unmapped', address: 0n };
  expect(machine.run(1e9)).toEqual({ reason: 'fault', fault });
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  expect(view.getBigUint64(state.pc.offset, true)).toBe(BigInt(code + program.value.bytes.length - 4));
  const sum = BigInt((rounds * (rounds + 1)) / 2);
  for (let place = 0; place < places; place++) {
    const word = machine.memory.read(data + place * mebibyte, 8) as Uint8Array;
    expect(new DataView(word.buffer).getBigUint64(0, true)).toBe(sum);
  }
});

import { describe, expect, test } from '@jest/globals';
import { type Effects, granuleSize, noMarks, type PageMarks } from '../../src/application/ports/effects.ts';
import type { EngineMachine } from '../../src/application/ports/execution-engine.ts';
import { pageSize, permission } from '../../src/application/ports/guest-memory.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { GoldenMachine } from '../../src/infrastructure/engine/golden/golden-machine.ts';
import { EffectMarks } from '../../src/infrastructure/engine/memory/effect-marks.ts';
import { markingEngine } from '../../src/infrastructure/engine/wasm/marking-engine.ts';

/** Translated code marks what the reference marks: the same bytes, and at least the same instructions and registers. */

const memorySize = 1 << 20;
const [code, data, stack] = [0x1_0000, 0x2_0000, 0x8_0000];
const { read, write, execute } = permission;

/** Loads and stores of every size, also across granules and pages, atomics, floating point, a call, a system call. */
const mixture = `
        li s0, 200
        li s1, 0x20000
        li s2, 0x21000
loop:   addi s0, s0, -1
        sb s0, 1(s1)
        sh s0, 15(s1)
        lw a0, 21(s1)
        ld a1, 68(s1)
        sd a0, -5(s2)
        lbu a4, 200(s1)
        amoadd.w a3, s0, (s1)
        fld fa0, 128(s1)
        fadd.d fa1, fa0, fa0
        fsd fa1, 136(s1)
        call work
        andi a2, s0, 31
        bnez a2, rest
        lr.d a5, (s1)
        sc.d a5, a5, (s1)
        sd s0, 512(s1)
rest:   addi s1, s1, 8
        bnez s0, loop
        ecall
work:   addi sp, sp, -16
        sd ra, 0(sp)
        ld ra, 0(sp)
        addi sp, sp, 16
        ret`;

function prepared(machine: EngineMachine): EngineMachine {
  const assembled = assemble(mixture, { isa: riscv64, origin: BigInt(code) });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  machine.memory.map(code, 0x1000, read | write | execute);
  machine.memory.map(data, 0x3000, read | write);
  machine.memory.map(stack - 0x1000, 0x1000, read | write);
  machine.memory.write(code, assembled.value.bytes);
  const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  view.setBigUint64(riscv64.layout.pc.offset, BigInt(code), true);
  view.setBigUint64(riscv64.layout.slots.get('x2')!.offset, BigInt(stack), true);
  return machine;
}

const options = { isa: riscv64, memorySize, counters: { timeAt: () => 0n } };

/** What a machine does in portions of so many instructions. */
function effectsOf(machine: EngineMachine, take: () => Effects, portion: number): Effects[] {
  prepared(machine);
  take();
  const all: Effects[] = [];
  for (let stop = 'limit'; stop === 'limit';) {
    stop = machine.run(machine.icount + portion).reason;
    all.push(take());
  }
  return all;
}

function reference(portion: number): Effects[] {
  const marks = new EffectMarks(memorySize, riscv64.layout);
  return effectsOf(new GoldenMachine(options, marks), () => marks.take(), portion);
}

const units = ({ pages, marks }: PageMarks, size: number): number[] =>
  [...pages].flatMap((page, at) => {
    const perPage = pageSize / size;
    return Array.from({ length: perPage }, (_, unit) => unit)
      .filter((unit) => (marks[(at * perPage + unit) >> 3]! >> (unit & 7)) & 1)
      .map((unit) => page * pageSize + unit * size);
  });

const modes = [
  ['regions', markingEngine({ hotLimit: 0 })],
  ['regions, guarded loads', markingEngine({ hotLimit: 0, memory: 'guarded-loads' })],
  ['regions, checked', markingEngine({ hotLimit: 0, memory: 'checked' })],
  ['interpreter', markingEngine({ hotLimit: Infinity })],
] as const;

describe.each(modes)('marks of the wasm engine (%s)', (_, { engine, take }) => {
  test.each([1_000_000, 64, 7])('are those of the reference, %d instructions at a time', (portion) => {
    const expected = reference(portion);
    const found = effectsOf(engine.createMachine(options), take, portion);
    expect(found.length).toBe(expected.length);
    for (const [at, { reads, writes, executed, registersRead, registersWritten }] of found.entries()) {
      const golden = expected[at]!;
      expect(units(reads, granuleSize)).toEqual(units(golden.reads, granuleSize));
      expect(units(writes, granuleSize)).toEqual(units(golden.writes, granuleSize));
      expect(units(executed, 2)).toEqual(expect.arrayContaining(units(golden.executed, 2)));
      expect(registersRead & golden.registersRead).toBe(golden.registersRead);
      expect(registersWritten & golden.registersWritten).toBe(golden.registersWritten);
    }
    if (portion === 1_000_000) {
      expect(found[0]!.registersWritten).toBe(expected[0]!.registersWritten);
      expect(units(expected[0]!.writes, granuleSize)).toContain(0x2_0ff8);
    }
  });

  test('tell of accesses by the system, and of nothing twice', () => {
    const machine = prepared(engine.createMachine(options));
    take();
    machine.memory.write(data + 4092, new Uint8Array(8));
    machine.memory.read(data + 100, 1);
    const { reads, writes } = take();
    expect(units(writes, granuleSize)).toEqual([data + 4088, data + 4096]);
    expect(units(reads, granuleSize)).toEqual([data + 96]);
    expect(take()).toMatchObject({ reads: noMarks, writes: noMarks, executed: noMarks });
  });
});

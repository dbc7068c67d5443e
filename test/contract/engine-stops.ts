import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineMachine, ExecutionEngine, Stop } from '../../src/application/ports/execution-engine.ts';
import { permission } from '../../src/application/ports/guest-memory.ts';
import { noStops, type Stops } from '../../src/application/ports/stops.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';

const memorySize = 1 << 20;
const code = 0x1_0000;
const data = 0x2_0000;
const stack = 0x8_0000;
const { read, write, execute } = permission;

/** Sums and stores in a loop, calls a function that uses the stack, an atomic and a misaligned store across a page edge. */
const mixture = `
        li s0, 100
        li s1, 0x20000
        li s2, 0x21000
loop:   addi s0, s0, -1
        sd s0, 8(s1)
        ld a0, 16(s1)
        add a1, a1, a0
        call work
        andi a2, s0, 7
        bnez a2, rest
        sw a1, -2(s2)
rest:   bnez s0, loop
        ecall
work:   addi sp, sp, -16
        sd ra, 0(sp)
        amoadd.w a3, s0, (s1)
        fld fa0, 24(s1)
        fsd fa0, 32(s1)
        sb a3, 17(s1)
        ld ra, 0(sp)
        addi sp, sp, 16
        ret`;

function assembled(source: string) {
  const result = assemble(source, { isa: riscv64, origin: BigInt(code) });
  if (!result.ok) throw new Error(result.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.value;
}

/** The address of a label of the mixture. */
const at = (label: string): number => Number(assembled(mixture).symbols.get(label));

function machineWith(engine: ExecutionEngine, source: string): EngineMachine {
  const machine = engine.createMachine({ isa: riscv64, memorySize, counters: { timeAt: () => 0n } });
  machine.memory.map(code, 0x1000, read | write | execute);
  machine.memory.map(data, 0x2000, read | write);
  machine.memory.map(stack - 0x1000, 0x1000, read | write);
  machine.memory.write(code, assembled(source).bytes);
  start(machine);
  return machine;
}

const view = ({ cpu }: EngineMachine) => new DataView(cpu.buffer, cpu.byteOffset);
const pcOf = (machine: EngineMachine) => Number(view(machine).getBigUint64(state.pc.offset, true));
const x = (machine: EngineMachine, n: number) => view(machine).getBigUint64(state.x[n]!.offset, true);

function start(machine: EngineMachine): void {
  machine.cpu.fill(0);
  view(machine).setBigUint64(state.pc.offset, BigInt(code), true);
  view(machine).setBigUint64(state.x[2]!.offset, BigInt(stack), true);
  machine.icount = 0;
}

/** The vCPU and the data, as texts: to compare thousands of numbers one by one costs more than what made them. */
const stateOf = ({ cpu, memory }: EngineMachine): readonly string[] =>
  [cpu, memory.page(data / 4096), memory.page(data / 4096 + 1)].map((bytes) =>
    Buffer.from(bytes).toString('hex'),
  );

interface Seen {
  readonly icount: number;
  readonly pc: number;
  readonly stop: Stop;
}

/** Everything a run to its system call stops at. */
function stopsOf(machine: EngineMachine, stops: Stops): readonly Seen[] {
  const seen: Seen[] = [];
  machine.stops = stops;
  for (;;) {
    const stop = machine.run(1_000_000);
    seen.push({ icount: machine.icount, pc: pcOf(machine), stop });
    if (stop.reason !== 'breakpoint' && stop.reason !== 'watchpoint') return seen;
    const from = stop.reason === 'breakpoint' ? machine.icount + 1 : machine.icount;
    machine.stops = { ...stops, from };
  }
}

const stopsAt = (parts: Partial<Stops>): Stops => ({ ...noStops, ...parts });

/** Breakpoints and watchpoints: what every engine must do, whatever its technology. */
export function engineStopsContract(name: string, engine: ExecutionEngine): void {
  describe(`stops of the ${name} engine`, () => {
    let machine: EngineMachine;
    beforeEach(() => {
      machine = machineWith(engine, mixture);
    });

    test('a breakpoint stops before its instruction executes, every time', () => {
      const loop = at('loop');
      const seen = stopsOf(machine, stopsAt({ pcs: new Set([loop]) }));
      expect(seen).toHaveLength(101);
      expect(seen[0]).toEqual({ icount: 3, pc: loop, stop: { reason: 'breakpoint' } });
      expect(seen.slice(0, 100).every(({ pc }) => pc === loop)).toBe(true);
    });

    test('a breakpoint in code that was translated before takes effect, and goes away', () => {
      machine.run(1_000_000);
      const whole = machine.icount;
      start(machine);
      expect(stopsOf(machine, stopsAt({ pcs: new Set([at('rest')]) }))).toHaveLength(101);
      start(machine);
      machine.stops = noStops;
      expect([machine.run(1_000_000), machine.icount]).toEqual([{ reason: 'syscall' }, whole]);
    });

    test('a limit comes before a breakpoint at the same count', () => {
      machine.stops = stopsAt({ pcs: new Set([at('loop')]) });
      expect([machine.run(3), machine.icount]).toEqual([{ reason: 'limit' }, 3]);
      expect(machine.run(4)).toEqual({ reason: 'breakpoint' });
    });

    test('a watched store is reported once it is done, with its instruction', () => {
      machine.stops = stopsAt({ memory: [{ access: 'write', address: data + 12, length: 1 }] });
      const stop = machine.run(1_000_000);
      const accesses = [{ access: 'write', address: data + 8, length: 8 }];
      expect(stop).toEqual({ reason: 'watchpoint', pc: BigInt(at('loop') + 4), accesses });
      expect([machine.icount, pcOf(machine)]).toEqual([5, at('loop') + 8]);
      expect(machine.memory.read(data + 8, 2)).toEqual(Uint8Array.of(99, 0));
    });

    test('a store that faults is not reported', () => {
      machine = machineWith(engine, 'sw a0, 0(a1)\necall');
      machine.memory.protect(data, 0x1000, read);
      machine.stops = stopsAt({ memory: [{ access: 'any', address: data, length: 4096 }] });
      view(machine).setBigUint64(state.x[11]!.offset, BigInt(data), true);
      expect(machine.run(10)).toMatchObject({ reason: 'fault', fault: { kind: 'protection' } });
      expect(machine.memory.permissionsAt(data)).toBe(read);
    });

    test('what the system does with watched bytes is told to it', () => {
      const { memory } = machine;
      machine.stops = stopsAt({ memory: [{ access: 'any', address: data + 4, length: 4 }] });
      memory.write(data, Uint8Array.of(1, 2, 3, 4));
      memory.write(data + 2, Uint8Array.of(1, 2, 3));
      memory.read(data + 7, 9);
      memory.map(data, 0x1000, read | write);
      expect(memory.takeAccesses()).toEqual([
        { access: 'write', address: data + 2, length: 3 },
        { access: 'read', address: data + 7, length: 9 },
        { access: 'write', address: data, length: 4096 },
      ]);
      expect(memory.takeAccesses()).toEqual([]);
      expect(memory.permissionsAt(data)).toBe(read | write);
    });

    test('tells of watched registers that the system wrote, and of no others', () => {
      machine.stops = stopsAt({ registers: [{ register: 'x10', access: 'write' }] });
      machine.systemWrote(['x1', 'x10']);
      expect(machine.memory.takeAccesses()).toEqual([{ access: 'write', register: 'x10' }]);
      machine.stops = stopsAt({ registers: [{ register: 'x10', access: 'read' }] });
      machine.systemWrote(['x10']);
      expect(machine.memory.takeAccesses()).toEqual([]);
    });

    const cases: readonly (readonly [what: string, stops: Partial<Stops>])[] = [
      ['stores to a range', { memory: [{ access: 'write', address: data + 12, length: 6 }] }],
      ['loads from a range', { memory: [{ access: 'read', address: data + 16, length: 1 }] }],
      ['both of an atomic', { memory: [{ access: 'any', address: data, length: 4 }] }],
      ['a store across a page edge', { memory: [{ access: 'write', address: data + 0x1000, length: 1 }] }],
      ['floating-point accesses', { memory: [{ access: 'any', address: data + 31, length: 2 }] }],
      ['the stack', { memory: [{ access: 'any', address: stack - 16, length: 8 }] }],
      ['writes of a register', { registers: [{ access: 'write', register: 'x11' }] }],
      ['reads of a register', { registers: [{ access: 'read', register: 'x1' }] }],
      ['a register that a call sets', { registers: [{ access: 'any', register: 'x1' }] }],
      ['a floating-point register', { registers: [{ access: 'any', register: 'f10' }] }],
      [
        'everything at once',
        {
          pcs: new Set([at('loop'), at('work')]),
          memory: [
            { access: 'write', address: data + 8, length: 1 },
            { access: 'read', address: data + 24, length: 8 },
          ],
          registers: [{ access: 'write', register: 'x13' }],
        },
      ],
    ];
    test.each(cases)('%s: the stops of the reference, and the state at the end', (_, parts) => {
      const stops = stopsAt(parts);
      const reference = machineWith(goldenEngine, mixture);
      const expected = stopsOf(reference, stops);
      expect(expected.length).toBeGreaterThan(10);
      // Again when everything is translated: with stops, without, and with stops after that.
      for (const round of [stops, noStops, stops]) {
        start(machine);
        machine.memory.map(data, 0x2000, read | write);
        const seen = stopsOf(machine, round);
        expect(seen).toEqual(round === stops ? expected : [expected.at(-1)]);
        expect(stateOf(machine)).toEqual(stateOf(reference));
      }
    });

    test('stops are passed over until the count they hold from', () => {
      const stops = stopsAt({
        pcs: new Set([at('loop')]),
        memory: [{ access: 'write', address: data + 8, length: 8 }],
        registers: [{ access: 'write', register: 'x8' }],
      });
      const all = stopsOf(machine, stops);
      const from = all[40]!.icount;
      start(machine);
      const late = stopsOf(machine, { ...stops, from });
      const due = all.filter(
        ({ icount, stop }) => (stop.reason === 'watchpoint' ? icount - 1 : icount) >= from,
      );
      expect(late).toEqual(due);
      start(machine);
      machine.stops = { ...stops, from: Infinity };
      expect(machine.run(1_000_000)).toEqual({ reason: 'syscall' });
      expect(x(machine, 8)).toBe(0n);
    });
  });
}

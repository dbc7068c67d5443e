import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineMachine, ExecutionEngine, Stop } from '../../src/application/ports/execution-engine.ts';
import { permission } from '../../src/application/ports/guest-memory.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import type { Slot } from '../../src/domain/ir/types.ts';

const memorySize = 1 << 20;
const code = 0x1_0000;
const data = 0x2_0000;
const hole = data + 0x2000;
const { read, write, execute } = permission;

function bytesOf(source: string, origin = code): Uint8Array {
  const result = assemble(source, { isa: riscv64, origin: BigInt(origin) });
  if (!result.ok) throw new Error(result.error.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.value.bytes;
}

/** As one text: to compare thousands of numbers one by one costs more than what made them. */
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What the golden engine comes to is the same whatever engine is compared with it. */
const goldenOutcomes = new Map<string, unknown>();

/** What every engine must do, whatever its technology. Each case is run repeatedly, so that translating engines translate. */
export function executionEngineContract(name: string, engine: ExecutionEngine): void {
  describe(`the ${name} engine`, () => {
    let machine: EngineMachine;
    const view = () => new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
    const get = (slot: Slot) => view().getBigUint64(slot.offset, true);
    const x = (n: number) => get(state.x[n]!);
    const setX = (n: number, value: bigint) =>
      view().setBigUint64(state.x[n]!.offset, BigInt.asUintN(64, value), true);
    const jumpTo = (address: number | bigint) => view().setBigUint64(state.pc.offset, BigInt(address), true);

    beforeEach(() => {
      machine = engine.createMachine({
        isa: riscv64,
        memorySize,
        counters: { timeAt: (icount) => BigInt(icount) * 10n },
      });
      machine.memory.map(code, 0x2000, read | write | execute);
      machine.memory.map(data, 0x2000, read | write);
    });

    /** Places code at the start and goes there. */
    function program(source: string): void {
      expect(machine.memory.write(code, bytesOf(source))).toBeUndefined();
      jumpTo(code);
    }
    const run = (count: number): Stop => machine.run(machine.icount + count);
    const fault = (stop: Stop) => (stop.reason === 'fault' ? stop.fault : stop);

    test('stops at exactly every count, with the same state as one step at a time', () => {
      const source =
        'li a0, 5\nloop: add a1, a1, a0\naddi a0, a0, -1\nbnez a0, loop\nxor a2, a1, a0\nli a3, 7\necall';
      for (let count = 0; count <= 20; count++) {
        program(source);
        for (const n of [10, 11, 12, 13]) setX(n, 0n);
        machine.icount = 100;
        const stop = machine.run(100 + count);
        const whole = [...machine.cpu];
        const retired = machine.icount - 100;
        expect(stop.reason).toBe(count < 19 ? 'limit' : 'syscall');
        expect(retired).toBe(Math.min(count, 19));
        program(source);
        for (const n of [10, 11, 12, 13]) setX(n, 0n);
        for (let step = 0; step < retired; step++) run(1);
        expect([...machine.cpu]).toEqual(whole);
      }
    });

    test('continues after a system call with the next instruction', () => {
      program('li a0, 1\necall\nli a1, 2\necall');
      expect(run(100)).toEqual({ reason: 'syscall' });
      expect(get(state.pc)).toBe(BigInt(code + 8));
      expect(run(100)).toEqual({ reason: 'syscall' });
      expect([x(10), x(11), machine.icount]).toEqual([1n, 2n, 4]);
    });

    test.each([
      ['ebreak', 'breakpoint'],
      ['.word 0', 'illegal-instruction'],
    ])('%s traps before it retires', (text, cause) => {
      program(`li a0, 1\nli a1, 2\n${text}`);
      expect(run(100)).toEqual({ reason: 'trap', cause });
      expect([get(state.pc), machine.icount]).toEqual([BigInt(code + 8), 2]);
    });

    test.each([
      ['ld a0, 0(a1)', BigInt(hole), 'load', 'unmapped', BigInt(hole)],
      ['ld a0, 0(a1)', BigInt(hole - 4), 'load', 'unmapped', BigInt(hole)],
      ['lb a0, -1(a1)', 0n, 'load', 'unmapped', 2n ** 64n - 1n],
      ['ld a0, 0(a1)', BigInt(memorySize - 3), 'load', 'unmapped', BigInt(memorySize)],
      ['ld a0, 0(a1)', 2n ** 64n - 3n, 'load', 'unmapped', 2n ** 64n - 3n],
      ['sd a0, 0(a1)', BigInt(hole - 4), 'store', 'unmapped', BigInt(hole)],
      ['sb a0, 0(a1)', BigInt(memorySize), 'store', 'unmapped', BigInt(memorySize)],
      ['amoadd.w a0, a2, (a1)', BigInt(hole), 'store', 'unmapped', BigInt(hole)],
      ['amoadd.w a0, a2, (a1)', BigInt(data + 2), 'store', 'misaligned', BigInt(data + 2)],
      ['lr.d a0, (a1)', BigInt(data + 4), 'load', 'misaligned', BigInt(data + 4)],
    ])('%s at %s is a precise fault', (text, address, access, kind, at) => {
      machine.memory.map(memorySize - 0x1000, 0x1000, read | write);
      program(`li a0, 9\nli a2, 8\n${text}\nli a0, 1`);
      setX(11, address);
      expect(fault(run(100))).toEqual({ access, kind, address: at });
      expect([x(10), x(11), get(state.pc), machine.icount]).toEqual([9n, address, BigInt(code + 8), 2]);
      expect(machine.memory.page((hole - 1) >> 12).every((byte) => byte === 0)).toBe(true);
    });

    test('a store to a read-only page is a protection fault, until the page becomes writable', () => {
      machine.memory.protect(data, 0x1000, read);
      program('li a0, 9\nagain: sd a0, 8(a1)\nj again');
      setX(11, BigInt(data));
      const refused = { access: 'store', kind: 'protection', address: BigInt(data + 8) };
      expect(fault(run(50))).toEqual(refused);
      machine.memory.protect(data, 0x1000, read | write);
      expect(run(50)).toEqual({ reason: 'limit' });
      expect(machine.memory.read(data + 8, 1)).toEqual(Uint8Array.of(9));
      machine.memory.protect(data, 0x1000, read);
      expect(fault(run(50))).toEqual(refused);
      machine.memory.unmap(data, 0x1000);
      expect(fault(run(50))).toEqual({ ...refused, kind: 'unmapped' });
    });

    test('code that stops being executable faults at its next fetch', () => {
      program('loop: addi a0, a0, 1\nj loop');
      expect(run(1000)).toEqual({ reason: 'limit' });
      machine.memory.protect(code, 0x1000, read);
      expect(fault(run(10))).toEqual({ access: 'fetch', kind: 'protection', address: BigInt(code) });
      machine.memory.unmap(code, 0x1000);
      expect(fault(run(10))).toEqual({ access: 'fetch', kind: 'unmapped', address: BigInt(code) });
    });

    test.each([
      [code + 0x2000, code + 0x2000, 'unmapped'],
      [code + 1, code + 1, 'misaligned'],
      [2n ** 64n - 2n, 2n ** 64n - 2n, 'unmapped'],
    ])('a jump to %s is a fetch fault there', (target, at, kind) => {
      jumpTo(target);
      expect(fault(run(10))).toEqual({ access: 'fetch', kind, address: BigInt(at) });
      expect([get(state.pc), machine.icount]).toEqual([BigInt(target), 0]);
    });

    test('an instruction whose second half lies on a page without execution faults there', () => {
      machine.memory.protect(code + 0x1000, 0x1000, read);
      machine.memory.write(code + 0xffe, bytesOf('lui a0, 1').subarray(0, 2), 0);
      jumpTo(code + 0xffe);
      expect(fault(run(10))).toEqual({ access: 'fetch', kind: 'protection', address: BigInt(code + 0x1000) });
    });

    test('a loop across a page edge runs on', () => {
      const start = code + 0x1000 - 6;
      machine.memory.write(start, bytesOf('loop: addi a0, a0, 1\nlui a1, 1\nc.j loop', start));
      jumpTo(start);
      expect(run(300)).toEqual({ reason: 'limit' });
      expect([x(10), get(state.pc)]).toEqual([100n, BigInt(start)]);
    });

    test('a store that changes the next instruction takes effect at once', () => {
      const [one, two] = ['addi a0, a0, 1', 'addi a0, a0, 2'].map((text) =>
        new DataView(bytesOf(`${text}`).buffer).getUint32(0, true),
      );
      program('loop: sw a2, 8(a1)\nxor a2, a2, a3\naddi a0, a0, 1\naddi a4, a4, -1\nbnez a4, loop\necall');
      setX(11, BigInt(code));
      setX(12, BigInt(two!));
      setX(13, BigInt(one! ^ two!));
      setX(14, 11n);
      expect(run(1000)).toEqual({ reason: 'syscall' });
      expect([x(10), machine.icount]).toEqual([6n * 2n + 5n, 11 * 5 + 1]);
    });

    test('code written by the system, then fence.i, is what runs', () => {
      program('loop: addi a0, a0, 1\nfence.i\nj loop');
      run(300);
      expect(x(10)).toBe(100n);
      program('loop: addi a0, a0, 2\nfence.i\nj loop');
      run(300);
      expect(x(10)).toBe(300n);
      machine.memory.setPages(code >> 12, new Uint8Array(4096));
      expect(run(1)).toEqual({ reason: 'trap', cause: 'illegal-instruction' });
    });

    test('misaligned and page-crossing accesses that are mapped simply work', () => {
      program('loop: sd a0, 0(a1)\nld a2, 0(a1)\nlw a3, 3(a1)\naddi a4, a4, -1\nbnez a4, loop\necall');
      setX(10, 0x1122_3344_5566_7788n);
      setX(11, BigInt(data + 0xffd));
      setX(14, 20n);
      expect(run(1000)).toEqual({ reason: 'syscall' });
      expect([x(12), x(13)]).toEqual([0x1122_3344_5566_7788n, 0x2233_4455n]);
      expect(machine.memory.takeDirtyPages()).toEqual([code >> 12, data >> 12, (data >> 12) + 1]);
    });

    test('load-reserved and store-conditional succeed together, fail alone', () => {
      program('lr.w a0, (a1)\naddi a0, a0, 1\nsc.w a2, a0, (a1)\nsc.w a3, a0, (a1)\necall');
      setX(11, BigInt(data));
      expect(run(10)).toEqual({ reason: 'syscall' });
      expect([x(12), x(13) !== 0n]).toEqual([0n, true]);
      expect(machine.memory.read(data, 4)).toEqual(Uint8Array.of(1, 0, 0, 0));
    });

    test('counters read what retired before them, wherever the machine was stopped', () => {
      program('loop: nop\nrdinstret a0\nrdcycle a1\nrdtime a2\nj loop');
      machine.icount = 1000;
      machine.run(1000 + 5 * 40 + 4);
      expect([x(10), x(11), x(12)]).toEqual([1201n, 1202n, 12_030n]);
      machine.run(1000 + 5 * 41 + 2);
      expect(x(10)).toBe(1206n);
    });

    test('pages are dirty once written, until taken, and again after the next write', () => {
      program('loop: sd a0, 0(a1)\nj loop');
      setX(11, BigInt(data));
      machine.memory.takeDirtyPages();
      run(100);
      expect(machine.memory.takeDirtyPages()).toEqual([data >> 12]);
      expect(machine.memory.takeDirtyPages()).toEqual([]);
      run(100);
      expect(machine.memory.takeDirtyPages()).toEqual([data >> 12]);
      expect(machine.memory.touchedCount).toBe(2);
      expect(machine.memory.touchedPages()).toEqual([code >> 12, data >> 12]);
    });

    test('zeroes what is mapped anew and forgets its contents when unmapped', () => {
      machine.memory.write(data, Uint8Array.of(1, 2, 3));
      machine.memory.map(data, 0x1000, read);
      expect(machine.memory.read(data, 3)).toEqual(Uint8Array.of(0, 0, 0));
      machine.memory.unmap(data, 0x1000);
      expect(machine.memory.read(data, 1)).toEqual({
        access: 'load',
        kind: 'unmapped',
        address: BigInt(data),
      });
      expect(machine.memory.touchedPages()).not.toContain(data >> 12);
    });

    test('a write is all or nothing', () => {
      const crossing = hole - 2;
      expect(machine.memory.write(crossing, Uint8Array.of(1, 2, 3))).toEqual({
        access: 'store',
        kind: 'unmapped',
        address: BigInt(hole),
      });
      expect(machine.memory.read(crossing, 2)).toEqual(Uint8Array.of(0, 0));
      for (const address of [memorySize, 2 ** 53, 2 ** 64, -1])
        expect(machine.memory.read(address, 1)).toMatchObject({ kind: 'unmapped' });
    });

    test('calls and returns across functions keep count and state', () => {
      program(`li s0, 200
        loop: call square
        add s1, s1, a0
        addi s0, s0, -1
        bnez s0, loop
        ecall
        square: mul a0, s0, s0
        ret`);
      expect(run(1_000_000)).toEqual({ reason: 'syscall' });
      expect(x(9)).toBe((200n * 201n * 401n) / 6n);
    });

    test('functions that return elsewhere than they were called from keep count and state', () => {
      program(`li s0, 300
        loop: call skipping
        addi s1, s1, 1
        addi s1, s1, 16
        call outer
        j never
        landing: addi s0, s0, -1
        bnez s0, loop
        ecall
        never: ebreak
        skipping: andi t0, s0, 1
        slli t0, t0, 2
        add ra, ra, t0
        ret
        outer: mv s2, ra
        call inner
        j never
        inner: addi ra, s2, 4
        ret`);
      expect(run(1_000_000)).toEqual({ reason: 'syscall' });
      expect(x(9)).toBe(150n * 17n + 150n * 16n);
      expect(x(8)).toBe(0n);
    });

    test('calls nested deeper than any host stack keep count and state', () => {
      program(`li a0, 5000
        jal f
        ecall
        f: addi sp, sp, -16
        sd ra, 0(sp)
        addi s1, s1, 1
        addi a0, a0, -1
        beqz a0, back
        jal f
        back: ld ra, 0(sp)
        addi sp, sp, 16
        addi s2, s2, 3
        ret`);
      machine.memory.map(0x8_0000, 0x2_0000, read | write);
      setX(2, 0xa_0000n);
      const start = machine.icount;
      expect(run(25_000)).toEqual({ reason: 'limit' });
      expect(machine.icount).toBe(start + 25_000);
      expect(run(1_000_000)).toEqual({ reason: 'syscall' });
      expect([x(9), x(18), x(2)]).toEqual([5000n, 15_000n, 0xa_0000n]);
      // 3 outside, 6 on the way down but for the last, which has no call, and 4 on the way up.
      expect(machine.icount).toBe(start + 3 + 1 + 5000 * 6 - 1 + 5000 * 4);
    });

    test('a load that faults after many stores leaves exactly the state before it, however often', () => {
      const source = `loop: sd a1, 0(a0)
        addi a1, a1, 1
        addi a0, a0, 8
        blt a1, a2, loop
        sd a1, 0(a3)
        ld a4, 0(a5)
        sd zero, 0(a3)
        ecall`;
      for (let round = 1; round <= 40; round++) {
        program(source);
        setX(10, BigInt(data));
        setX(11, 0n);
        setX(12, 100n);
        setX(13, BigInt(data + 0x1800));
        setX(15, BigInt(hole + round));
        machine.icount = 0;
        expect(fault(run(10_000))).toEqual({
          access: 'load',
          kind: 'unmapped',
          address: BigInt(hole + round),
        });
        expect(machine.icount).toBe(401);
        expect(x(11)).toBe(100n);
        const stored = new DataView(machine.memory.page(data / 4096).slice().buffer);
        expect(stored.getBigUint64(8 * 99, true)).toBe(99n);
        expect(machine.memory.read(data + 0x1800, 1)).toEqual(Uint8Array.of(100));
        setX(15, BigInt(data));
        expect(run(100)).toEqual({ reason: 'syscall' });
        expect(machine.memory.read(data + 0x1800, 1)).toEqual(Uint8Array.of(0));
      }
    });

    test('a store that faults after many leaves exactly the state before it, and what was written is dirty', () => {
      machine.memory.takeDirtyPages();
      for (let round = 1; round <= 12; round++) {
        program(`loop: sd a1, 0(a0)
          addi a1, a1, 1
          addi a0, a0, 8
          blt a1, a2, loop
          sd a1, 0(a3)
          ecall`);
        setX(10, BigInt(data));
        setX(11, 0n);
        setX(12, 600n);
        setX(13, BigInt(hole + 8 * round));
        machine.icount = 0;
        expect(fault(run(10_000))).toMatchObject({ access: 'store', address: BigInt(hole + 8 * round) });
        expect([machine.icount, x(11), x(10)]).toEqual([2400, 600n, BigInt(data + 4800)]);
        expect(machine.memory.takeDirtyPages()).toEqual(
          expect.arrayContaining([data >> 12, (data >> 12) + 1]),
        );
        expect(machine.memory.takeDirtyPages()).toEqual([]);
      }
    });

    test.each<
      readonly [what: string, between: (machine: EngineMachine, time: (skip: bigint) => void) => void]
    >([
      ['nothing', () => undefined],
      ['a write', (other) => other.memory.write(data + 0xff8, Uint8Array.of(7))],
      ['a new page', (other) => other.memory.map(data, 0x1000, read | write)],
      ['a register', (other) => (other.cpu[state.x[16]!.offset]! ^= 1)],
      ['a digest', (other) => other.memory.takeDirtyPages()],
      ['an hour', (_, time) => time(3_600_000n)],
      ['other stops', (other) => (other.stops = { ...other.stops })],
    ])('a fault many runs after %s leaves exactly the state before it', (what, between) => {
      // Who reads the clock in one run is not to read it again in another.
      const source = `loop: sd a1, 0(a0)
        ${what === 'an hour' ? 'rdtime a7' : 'li a7, 3'}
        add a6, a6, a7
        ld a4, 0(a3)
        add a4, a4, a6
        sd a4, 0(a3)
        addi a1, a1, 1
        addi a0, a0, 8
        blt a1, a2, loop
        ld a4, 0(a5)`;
      const bytes = bytesOf(source);
      /** Runs in parts, with what happens between some of them, to the fault. */
      const outcome = (which: ExecutionEngine) => {
        let skipped = 0n;
        const other = which.createMachine({
          isa: riscv64,
          memorySize,
          counters: { timeAt: (icount) => BigInt(icount) + skipped },
        });
        const registers = new DataView(other.cpu.buffer, other.cpu.byteOffset);
        other.memory.map(code, 0x1000, read | execute);
        other.memory.map(data, 0x2000, read | write);
        other.memory.write(code, bytes, 0);
        const stops: unknown[] = [];
        for (let round = 0; round < 6; round++) {
          registers.setBigUint64(state.pc.offset, BigInt(code), true);
          for (const [n, value] of [
            [10, data],
            [11, 0],
            [12, 400],
            [13, data + 0xff0],
            [15, hole],
          ] as const)
            registers.setBigUint64(state.x[n]!.offset, BigInt(value), true);
          for (let part = 0; part < 14; part++) {
            stops.push(other.run(other.icount + 300), other.icount);
            if (part === round + 3) between(other, (skip) => (skipped += skip));
          }
          stops.push(hexOf(other.cpu));
        }
        const pages = [0, 1].map((page) => hexOf(other.memory.page(data / 4096 + page)));
        return { stops, pages, dirty: other.memory.takeDirtyPages() };
      };
      const expected = goldenOutcomes.get(what) ?? outcome(goldenEngine);
      goldenOutcomes.set(what, expected);
      expect(outcome(engine)).toEqual(expected);
    });

    test('a loop with two ways in keeps what one of them does not write', () => {
      program(`beqz a1, middle
        top: beqz a2, out
        addi a2, a2, -1
        bnez a7, middle
        li a0, 9
        middle: addi a3, a3, 1
        j top
        out: ecall`);
      setX(10, 5n);
      setX(12, 3n);
      setX(17, 1n);
      expect(run(1000)).toEqual({ reason: 'syscall' });
      expect([x(10), x(13), machine.icount]).toEqual([5n, 4n, 20]);
    });

    test('stores beside code on a page that can be written and executed are just stores', () => {
      program('loop: sd a1, 1024(a2)\naddi a1, a1, -1\nbnez a1, loop\nld a3, 1024(a2)\necall');
      for (let round = 1; round <= 12; round++) {
        setX(11, 500n);
        setX(12, BigInt(code));
        jumpTo(code);
        machine.icount = 0;
        expect(run(10_000)).toEqual({ reason: 'syscall' });
        expect([machine.icount, x(13)]).toEqual([1502, 1n]);
      }
    });

    test('a load from an address of more than 32 bits faults there', () => {
      program('li a1, 7\nld a2, 0(a0)\necall');
      for (const address of [2n ** 32n + BigInt(data), 2n ** 63n, 2n ** 64n - 8n]) {
        setX(10, address);
        jumpTo(code);
        expect(fault(run(10))).toEqual({ access: 'load', kind: 'unmapped', address });
        expect(x(11)).toBe(7n);
      }
    });

    test('a page without permissions keeps its contents, which the host can still see', () => {
      program('ld a1, 0(a0)\necall');
      setX(10, BigInt(data));
      machine.memory.write(data, Uint8Array.of(42));
      expect(run(10)).toEqual({ reason: 'syscall' });
      machine.memory.protect(data, 0x1000, 0);
      for (let round = 0; round < 3; round++) {
        jumpTo(code);
        expect(fault(run(10))).toMatchObject({ access: 'load', kind: 'protection' });
        expect(machine.memory.page(data / 4096)[0]).toBe(42);
      }
      machine.memory.protect(data, 0x1000, read);
      jumpTo(code);
      expect(run(10)).toEqual({ reason: 'syscall' });
      expect(x(11)).toBe(42n);
    });

    test('a page that can be written but not read takes stores and refuses loads', () => {
      program('sd a1, 0(a0)\nld a2, 0(a0)\necall');
      setX(10, BigInt(data));
      setX(11, 9n);
      expect(run(10)).toEqual({ reason: 'syscall' });
      machine.memory.protect(data, 0x1000, write);
      setX(11, 10n);
      jumpTo(code);
      expect(fault(run(10))).toMatchObject({ access: 'load', kind: 'protection' });
      expect(machine.memory.page(data / 4096)[0]).toBe(10);
    });

    test('floating-point exceptions accumulate exactly', () => {
      program('loop: fadd.d fa0, fa1, fa2\nfdiv.d fa3, fa4, fa5\naddi a0, a0, -1\nbnez a0, loop\necall');
      setX(10, 30n);
      const setF = (n: number, value: number) => view().setFloat64(state.f[n]!.offset, value, true);
      setF(11, 1);
      setF(12, 2 ** -60);
      setF(14, 1);
      setF(15, 0);
      expect(run(1000)).toEqual({ reason: 'syscall' });
      expect(view().getUint32(state.fflags.offset, true)).toBe(1 | 8);
      expect(view().getFloat64(state.f[13]!.offset, true)).toBe(Infinity);
    });

    test('refuses a memory size that cannot be', () => {
      for (const size of [0, 4096, -65536, 2 ** 32 + 65536, Number.NaN])
        expect(() =>
          engine.createMachine({ isa: riscv64, memorySize: size, counters: { timeAt: () => 0n } }),
        ).toThrow(/multiple of 64 KiB/);
    });

    test('addresses up to 4 GiB are memory', () => {
      const large = engine.createMachine({
        isa: riscv64,
        memorySize: 2 ** 32,
        counters: { timeAt: () => 0n },
      });
      large.memory.map(2 ** 32 - 0x2000, 0x2000, read | write | execute);
      large.memory.write(2 ** 32 - 0x2000, bytesOf('loop: sd a1, -8(a0)\nld a2, -8(a0)\nj loop'));
      const cpu = new DataView(large.cpu.buffer, large.cpu.byteOffset);
      cpu.setBigUint64(state.pc.offset, 2n ** 32n - 0x2000n, true);
      cpu.setBigUint64(state.x[10]!.offset, 2n ** 32n, true);
      cpu.setBigUint64(state.x[11]!.offset, 77n, true);
      expect(large.run(60)).toEqual({ reason: 'limit' });
      expect(cpu.getBigUint64(state.x[12]!.offset, true)).toBe(77n);
    });
  });
}

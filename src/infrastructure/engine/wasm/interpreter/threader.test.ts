import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineMachine } from '../../../../application/ports/execution-engine.ts';
import { noStops } from '../../../../application/ports/stops.ts';
import type { TranslationPolicy } from '../../../../application/ports/translation-policy.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { state } from '../../../../domain/isa/riscv64/state.ts';
import type { TranslationCacheEvent } from '../../../../domain/translation-cache/events.ts';
import { wasmEngineWith } from '../wasm-engine.ts';

const code = 0x1_0000;
const blocks = 400;
/** addi a0, a0, 1; jal zero, +4: a block of two instructions, one after another. */
const block = [0x0015_0513, 0x0040_006f];
const ecall = 0x0000_0073;
/** Of the jump cache: addresses so far apart have the same place in it. */
const collision = 0x2_0000;

describe('blocks that generated code threads', () => {
  let events: TranslationCacheEvent[] = [];
  beforeEach(() => {
    events = [];
  });

  function machineOf(policy?: TranslationPolicy): EngineMachine {
    const machine = wasmEngineWith({ memory: 'checked' }).createMachine({
      isa: riscv64,
      memorySize: 1 << 20,
      counters: { timeAt: () => 0n },
      onTranslation: (event) => events.push(event),
      policy,
    });
    machine.memory.map(code, 2 * collision, 7);
    const words = Array.from({ length: blocks }, () => block).flat();
    write(machine, code, [...words, ecall]);
    return machine;
  }
  const write = (machine: EngineMachine, address: number, words: readonly number[]) => {
    expect(machine.memory.write(address, new Uint8Array(Int32Array.from(words).buffer))).toBeUndefined();
  };
  const registers = (machine: EngineMachine) => new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
  const a0 = (machine: EngineMachine) => registers(machine).getBigUint64(state.x[10]!.offset, true);
  function start(machine: EngineMachine, at = code): void {
    registers(machine).setBigUint64(state.x[10]!.offset, 0n, true);
    registers(machine).setBigUint64(state.pc.offset, BigInt(at), true);
  }
  function run(machine: EngineMachine, at = code): bigint {
    start(machine, at);
    expect(machine.run(machine.icount + 10_000)).toEqual({ reason: 'syscall' });
    return a0(machine);
  }
  const threadedAlone = () =>
    events.reduce((sum, event) => sum + (event.type === 'BlocksThreaded' ? event.blocks : 0), 0);

  test('are most of a program, do what they should, and are counted', () => {
    const machine = machineOf();
    expect(run(machine)).toBe(BigInt(blocks));
    expect(machine.icount).toBe(2 * blocks + 1);
    expect(machine.occupancy.entries.interpreter).toBe(blocks + 1);
    expect(threadedAlone()).toBeGreaterThan(0.9 * blocks);
    expect(run(machine)).toBe(BigInt(blocks));
    expect(machine.occupancy.entries.interpreter).toBe(blocks + 1);
  });

  test('end at the count that was asked for', () => {
    const machine = machineOf();
    for (const count of [1, 2, 3, 60, 61, 62, 300, 2 * blocks]) {
      start(machine);
      const before = machine.icount;
      expect(machine.run(before + count)).toEqual({ reason: 'limit' });
      expect(machine.icount - before).toBe(count);
      expect(a0(machine)).toBe(BigInt(Math.ceil(count / 2)));
    }
  });

  test('are made anew when their code changes', () => {
    const machine = machineOf();
    run(machine);
    for (const number of [7, 200, blocks - 1]) write(machine, code + 8 * number, [0x0025_0513]);
    expect(run(machine)).toBe(BigInt(blocks + 3));
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'TranslationDropped', address: code + 8 * 200, reason: 'changed' }),
    );
  });

  test('are left out of pages that can no longer be executed', () => {
    const machine = machineOf();
    run(machine);
    machine.memory.protect(code, 0x1000, 3);
    start(machine);
    expect(machine.run(machine.icount + 10)).toMatchObject({ reason: 'fault' });
  });

  test('stop before a breakpoint', () => {
    const machine = machineOf();
    machine.stops = { ...noStops, pcs: new Set([code + 8 * 300]) };
    start(machine);
    expect(machine.run(10_000)).toMatchObject({ reason: 'breakpoint' });
    expect(a0(machine)).toBe(300n);
    expect(threadedAlone()).toBe(0);
    machine.stops = noStops;
    expect(machine.run(10_000)).toEqual({ reason: 'syscall' });
    expect(threadedAlone()).toBeGreaterThan(0);
  });

  test('are threaded once, although others took their place in the jump cache', () => {
    const machine = machineOf();
    write(machine, code + collision, [...Array.from({ length: blocks }, () => block).flat(), ecall]);
    for (let round = 0; round < 3; round++)
      for (const at of [code, code + collision]) expect(run(machine, at)).toBe(BigInt(blocks));
    const alone = threadedAlone();
    const made = events.filter(({ type }) => type === 'BlockThreaded').length;
    expect(alone + made).toBe(2 * (blocks + 1));
  });

  test('are called hot after as many entries as the policy says', () => {
    const machine = machineOf({ name: 'three', first: 3, patience: () => 0 });
    for (let round = 0; round < 4; round++) run(machine);
    expect(threadedAlone()).toBeGreaterThan(0);
    expect(events.some(({ type }) => type === 'RegionTranslated')).toBe(true);
  });

  test('are none where a policy looks at each block', () => {
    const machine = machineOf({ name: 'each', patience: () => Infinity });
    expect(run(machine)).toBe(BigInt(blocks));
    expect(threadedAlone()).toBe(0);
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineMachine } from '../../src/application/ports/execution-engine.ts';
import type { TranslationPolicy } from '../../src/application/ports/translation-policy.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';
import type { TranslationCacheEvent } from '../../src/domain/translation-cache/events.ts';
import { wasmEngineWith, type WasmEngineOptions } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';

const code = 0x1_0000;
const functionSize = 64;
/** Where functions return to. */
const home = code + 0x1ff0;

/** A function for each number: adds it to a0 in a loop of ten rounds. */
const functionOf = (number: number): string =>
  `li t0, 10\nagain: addi a0, a0, ${number}\naddi t0, t0, -1\nbnez t0, again\nret`;

describe('the translation cache', () => {
  let events: TranslationCacheEvent[] = [];
  beforeEach(() => {
    events = [];
  });

  function machineOf(engine = wasmEngineWith({ hotLimit: 0 }), policy?: TranslationPolicy): EngineMachine {
    const machine = engine.createMachine({
      isa: riscv64,
      memorySize: 1 << 20,
      counters: { timeAt: () => 0n },
      onTranslation: (event) => events.push(event),
      policy,
    });
    machine.memory.map(code, 0x2000, 7);
    place(machine, home, 'ecall');
    return machine;
  }
  function place(machine: EngineMachine, at: number, source: string): void {
    const assembled = assemble(source, { isa: riscv64, origin: BigInt(at) });
    if (!assembled.ok) throw new Error(assembled.error.map(({ message }) => message).join('\n'));
    expect(machine.memory.write(at, assembled.value.bytes)).toBeUndefined();
  }
  const addressOf = (number: number): number => code + number * functionSize;
  /** Calls function `number`, from outside the guest; gives what it added. */
  function call(machine: EngineMachine, number: number): bigint {
    const view = new DataView(machine.cpu.buffer, machine.cpu.byteOffset);
    view.setBigUint64(state.x[1]!.offset, BigInt(home), true);
    view.setBigUint64(state.x[10]!.offset, 0n, true);
    view.setBigUint64(state.pc.offset, BigInt(addressOf(number)), true);
    expect(machine.run(machine.icount + 1000)).toEqual({ reason: 'syscall' });
    return view.getBigUint64(state.x[10]!.offset, true);
  }
  function withFunctions(options: WasmEngineOptions, count: number): EngineMachine {
    const machine = machineOf(wasmEngineWith(options));
    for (let number = 0; number < count; number++) place(machine, addressOf(number), functionOf(number));
    return machine;
  }
  const regionsOf = (number: number) =>
    events.filter((event) => event.type === 'RegionTranslated' && event.address === addressOf(number));
  const dropsOf = (number: number) =>
    events.filter((event) => event.type === 'TranslationDropped' && event.address === addressOf(number));

  test('finds code again that was changed and changed back', () => {
    const machine = withFunctions({ hotLimit: 0 }, 1);
    expect(call(machine, 0)).toBe(0n);
    place(machine, addressOf(0), functionOf(7));
    expect(call(machine, 0)).toBe(70n);
    place(machine, addressOf(0), functionOf(0));
    expect(call(machine, 0)).toBe(0n);
    const [first, second, third] = regionsOf(0);
    expect([first, second, third]).toMatchObject([{ found: false }, { found: false }, { found: true }]);
    expect(third).toMatchObject({ identity: (first as { identity: string }).identity });
    expect(dropsOf(0)).toMatchObject([{ reason: 'changed' }, { reason: 'changed' }]);
  });

  test('finds the code of one machine for another machine of the engine', () => {
    const engine = wasmEngineWith({ hotLimit: 0 });
    for (const found of [false, true]) {
      const machine = machineOf(engine);
      place(machine, addressOf(0), functionOf(3));
      expect(call(machine, 0)).toBe(30n);
      expect(regionsOf(0).at(-1)).toMatchObject({ found });
    }
  });

  test('tells code apart by where it lies, and memory modes apart', () => {
    const machine = withFunctions({ hotLimit: 0 }, 1);
    place(machine, addressOf(1), functionOf(0));
    const checked = withFunctions({ hotLimit: 0, memory: 'checked' }, 1);
    expect([call(machine, 0), call(machine, 1), call(checked, 0)]).toEqual([0n, 0n, 0n]);
    const identities = events.flatMap((event) => (event.type === 'RegionTranslated' ? event.identity : []));
    expect(new Set(identities).size).toBe(identities.length);
    for (const identity of identities) expect(identity).toMatch(/^[0-9a-f]{64}$/);
  });

  test('drops what was made of changed code, and nothing else', () => {
    const machine = withFunctions({ hotLimit: 0 }, 3);
    for (const number of [0, 1, 2]) call(machine, number);
    const before = machine.occupancy.entries.region;
    place(machine, addressOf(1), functionOf(9));
    expect(machine.occupancy.entries.region).toBe(before - 1);
    expect([dropsOf(0).length, dropsOf(1).length, dropsOf(2).length]).toEqual([0, 1, 0]);
    expect(call(machine, 1)).toBe(90n);
  });

  test('never holds more than its capacity, and evicts the region that was not used', () => {
    const machine = withFunctions({ hotLimit: 0, capacity: { regions: 3 } }, 4);
    const evicted = () =>
      events.flatMap((event) => (event.type === 'TranslationDropped' ? [event.address] : []));
    // The third region is what lies at home.
    call(machine, 0);
    call(machine, 1);
    expect(evicted()).toEqual([]);
    // All were used, so the oldest goes; of the others only the one at home is used again.
    call(machine, 2);
    expect(evicted()).toEqual([addressOf(0)]);
    call(machine, 3);
    expect(evicted()).toEqual([addressOf(0), addressOf(1)]);
    expect(machine.occupancy).toMatchObject({ entries: { region: 3 }, capacity: { regions: 3 } });
  });

  test('an evicted region is found when it is hot again', () => {
    const engine = wasmEngineWith({ hotLimit: 0, capacity: { regions: 2 } });
    const machine = machineOf(engine);
    for (let number = 0; number < 3; number++) place(machine, addressOf(number), functionOf(number));
    for (let round = 0; round < 3; round++)
      for (const number of [0, 1, 2]) expect(call(machine, number)).toBe(BigInt(10 * number));
    expect(events).toContainEqual(expect.objectContaining({ reason: 'evicted', tier: 'region' }));
    expect(machine.occupancy.entries.region).toBeLessThanOrEqual(2);
  });

  test('threaded code goes segment by segment when it is full', () => {
    const machine = withFunctions({ hotLimit: Infinity, capacity: { threadedBytes: 4096 } }, 32);
    for (let number = 0; number < 32; number++) expect(call(machine, number)).toBe(BigInt(10 * number));
    const evicted = events.filter(
      (event) => event.type === 'TranslationDropped' && event.reason === 'evicted',
    );
    const made = events
      .map((event) => (event.type === 'BlocksThreaded' ? event.blocks : +(event.type === 'BlockThreaded')))
      .reduce((sum, count) => sum + count);
    const { interpreter } = machine.occupancy.entries;
    expect(evicted.length).toBeGreaterThan(0);
    expect(interpreter).toBe(made - evicted.length);
    expect(interpreter).toBeGreaterThan(4);
    expect(dropsOf(0)).not.toEqual([]);
    expect(dropsOf(31)).toEqual([]);
    expect(call(machine, 0)).toBe(0n);
  });

  test('asks the policy at first sight and after as many entries as it said, then translates', () => {
    const asked: { readonly entries: number; readonly age: number; readonly code: number }[] = [];
    const machine = machineOf(wasmEngineWith({}), {
      name: 'three times',
      patience({ address, entries, firstSeen, now, code, features }) {
        if (address !== addressOf(1)) return Infinity;
        expect(features.instructions).toBe(4);
        asked.push({ entries, age: now - firstSeen, code: code.length });
        return entries >= 6 ? 0 : 3;
      },
    });
    place(machine, addressOf(1), functionOf(1));
    const roundOf = (count: number) => {
      for (let round = 0; round < count; round++) expect(call(machine, 1)).toBe(10n);
    };
    roundOf(3);
    expect(asked).toEqual([
      { entries: 0, age: 0, code: 16 },
      // 33 instructions a call: 1, 10 times 3, 1, and the one at home.
      { entries: 3, age: 66, code: 16 },
    ]);
    expect(regionsOf(1)).toEqual([]);
    roundOf(3);
    expect(regionsOf(1)).toHaveLength(1);
    expect(asked.at(-1)).toMatchObject({ entries: 6 });
    roundOf(20);
    expect(asked).toHaveLength(3);
  });

  test('a forced engine asks no policy', () => {
    const never: TranslationPolicy = {
      name: 'never',
      patience: ({ address }) => {
        throw new Error(`asked about ${address}`);
      },
    };
    const machine = machineOf(wasmEngineWith({ hotLimit: 0 }), never);
    place(machine, addressOf(0), functionOf(2));
    expect(call(machine, 0)).toBe(20n);
    expect(regionsOf(0)).toHaveLength(1);
  });

  test.each([
    [{ regions: 0 }, 'regions'],
    [{ regions: 1.5 }, 'regions'],
    [{ threadedBytes: 1023 }, 'threadedBytes'],
    [{ threadedBytes: 2 ** 27 }, 'threadedBytes'],
  ])('refuses a capacity of %j', (capacity, name) => {
    expect(() => wasmEngineWith({ capacity })).toThrow(
      expect.objectContaining({ code: 'cache-capacity', message: expect.stringContaining(name) as unknown }),
    );
  });
});

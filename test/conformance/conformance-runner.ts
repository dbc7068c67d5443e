import type { EngineMachine, ExecutionEngine, Stop } from '../../src/application/ports/execution-engine.ts';
import { permission } from '../../src/application/ports/guest-memory.ts';
import { widths } from '../../src/domain/ir/types.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { noReservation, state } from '../../src/domain/isa/riscv64/state.ts';
import type { CaseState, ConformanceCase } from './conformance-case.ts';

/**
 * Runs cases on an engine, each in the same small world: 0x2000–0x3fff may be read and written, 0x4000–0x4fff read,
 * 0x10000–0x10fff (the instruction, at 0x10000 or the case's pc) read and executed; nothing else is mapped. Time is
 * three ticks an instruction, so that it cannot be taken for the instruction count.
 */
export const codeAddress = 0x10000n;
const regions = [
  [0x2000, 0x2000, permission.read | permission.write],
  [0x4000, 0x1000, permission.read],
  [0x10000, 0x1000, permission.read | permission.execute],
] as const;

/** Gives a function that runs a case and returns what differs from the expected, one line each; none when it passes. */
export function caseRunner(engine: ExecutionEngine): (each: ConformanceCase) => readonly string[] {
  const machine = engine.createMachine({
    isa: riscv64,
    memorySize: 0x20000,
    counters: { timeAt: (icount) => BigInt(icount) * 3n },
  });
  return (each) => {
    const slots = prepare(machine, each.before);
    const pc = slots.get('pc')!;
    machine.memory.write(Number(pc), each.bytes, permission.execute);
    const memory = snapshot(machine);
    const icount = machine.icount;

    const stop = machine.run(icount + 1);

    const completed = stop.reason === 'limit' || stop.reason === 'syscall';
    if (completed) slots.set('pc', pc + BigInt(each.bytes.length));
    for (const [name, value] of each.after.slots) slots.set(name, value);
    for (const [address, bytes] of each.after.memory) overlay(memory, address, bytes);
    const expected = icount + (completed ? 1 : 0);
    return [
      ...differ('end', describeStop(stop), each.end),
      ...differ('icount', machine.icount, expected),
      ...[...slots].flatMap(([name, value]) => differ(name, readSlot(machine, name), value)),
      ...compareMemory(snapshot(machine), memory),
    ];
  };
}

/** Puts the machine into the state before and returns all slots. */
function prepare(machine: EngineMachine, before: CaseState): Map<string, bigint> {
  for (const [start, length, bits] of regions) {
    machine.memory.map(start, length, bits);
  }
  const slots = new Map([...state.layout.slots.keys()].map((name) => [name, 0n]));
  slots.set('pc', codeAddress);
  slots.set('reservation', noReservation);
  for (const [name, value] of before.slots) slots.set(name, value);
  for (const [name, value] of slots) writeSlot(machine, name, value);
  for (const [address, bytes] of before.memory) machine.memory.write(address, bytes, permission.read);
  machine.icount = before.icount ?? 0;
  return slots;
}

function describeStop(stop: Stop): string {
  if (stop.reason === 'trap') return `trap ${stop.cause}`;
  if (stop.reason !== 'fault') return stop.reason;
  const { access, kind, address } = stop.fault;
  return `fault ${access}:${kind}:0x${address.toString(16)}`;
}

function differ<T extends string | number | bigint>(what: string, found: T, expected: T): string[] {
  const show = (value: T) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : `${value}`);
  return found === expected ? [] : [`${what} is ${show(found)}, expected ${show(expected)}`];
}

type Contents = Map<number, Uint8Array>;

const snapshot = (machine: EngineMachine): Contents =>
  new Map(
    regions.map(([start, length]) => [
      start,
      machine.memory.read(start, length, permission.read) as Uint8Array,
    ]),
  );

function overlay(memory: Contents, address: number, bytes: Uint8Array): void {
  for (const [start, contents] of memory)
    if (address >= start && address < start + contents.length) contents.set(bytes, address - start);
}

function compareMemory(found: Contents, expected: Contents): string[] {
  return [...expected].flatMap(([start, bytes]) => {
    const at = bytes.findIndex((byte, index) => byte !== found.get(start)![index]);
    return at < 0 ? [] : differ(`byte at 0x${(start + at).toString(16)}`, found.get(start)![at]!, bytes[at]!);
  });
}

function readSlot(machine: EngineMachine, name: string): bigint {
  const slot = state.layout.slots.get(name)!;
  let value = 0n;
  for (let byte = widths[slot.type] / 8 - 1; byte >= 0; byte--)
    value = (value << 8n) | BigInt(machine.cpu[slot.offset + byte]!);
  return value;
}

function writeSlot(machine: EngineMachine, name: string, value: bigint): void {
  const slot = state.layout.slots.get(name)!;
  for (let byte = 0; byte < widths[slot.type] / 8; byte++)
    machine.cpu[slot.offset + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
}

import { hex } from '../../domain/shared/bits.ts';
import type { DivergentField } from '../../domain/virtual-machine/divergence.ts';
import { widths, type Slot, type StateLayout } from '../../domain/ir/types.ts';
import type { GuestMachine, MachineSnapshot } from '../ports/guest-machine.ts';

/** At most this many fields are named. */
const maxFields = 8;

/** The bit pattern in a vCPU state block's slot. */
export function readSlot(cpu: Uint8Array, slot: Slot): bigint {
  const size = Math.max(1, widths[slot.type] / 8);
  let value = 0n;
  for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(cpu[slot.offset + at]!);
  return value;
}

/** Every slot's value, in the layout's order. */
export function readSlots(cpu: Uint8Array, layout: StateLayout): Map<string, bigint> {
  return new Map([...layout.slots.values()].map((slot) => [slot.name, readSlot(cpu, slot)]));
}

/**
 * What differs between two machines at (what should be) one instant: status, instruction count, threads, registers,
 * memory, then kernel state. Empty when nothing does.
 */
export function machineDifferences(expected: GuestMachine, found: GuestMachine): readonly DivergentField[] {
  const fields: DivergentField[] = [];
  const compare = (field: string, left: string, right: string): void => {
    if (left !== right && fields.length < maxFields) fields.push({ field, expected: left, found: right });
  };
  compare('instruction count', expected.icount.toString(), found.icount.toString());
  compare('status', JSON.stringify(expected.status), JSON.stringify(found.status));
  const others = new Map(found.threads().map((thread) => [thread.id, thread]));
  for (const thread of expected.threads()) {
    const other = others.get(thread.id);
    others.delete(thread.id);
    const name = thread.id.toString();
    if (other === undefined) {
      compare(`thread ${name}`, 'present', 'absent');
      continue;
    }
    compare(`thread ${name} state`, thread.state, other.state);
    for (const slot of expected.isa.layout.slots.values()) {
      const width = widths[slot.type];
      const [left, right] = [readSlot(thread.cpu, slot), readSlot(other.cpu, slot)];
      compare(`thread ${name} register ${slot.name}`, hex(left, width), hex(right, width));
    }
  }
  for (const id of others.keys()) compare(`thread ${id.toString()}`, 'absent', 'present');
  const [left, right] = [expected.snapshot(), found.snapshot()];
  for (const field of memoryDifferences(left, right)) compare(field.field, field.expected, field.found);
  if (fields.length === 0) {
    const path = firstDifference(left.state, right.state, 'kernel state');
    if (path !== undefined) fields.push(path);
  }
  return fields;
}

function* memoryDifferences(expected: MachineSnapshot, found: MachineSnapshot): Generator<DivergentField> {
  const zero = new Uint8Array(4096);
  const numbers = new Set([...expected.pages.keys(), ...found.pages.keys()]);
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const left = expected.pages.get(number) ?? zero;
    const right = found.pages.get(number) ?? zero;
    const at = left.findIndex((byte, index) => byte !== right[index]);
    if (at < 0) continue;
    const from = at & ~7;
    const bytes = (page: Uint8Array): string =>
      [...page.subarray(from, from + 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    yield { field: `memory ${hex(number * 4096 + from)}`, expected: bytes(left), found: bytes(right) };
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The first place where two pieces of plain data differ. */
export function firstDifference(
  expected: unknown,
  found: unknown,
  path: string,
  seen = new Set<unknown>(),
): DivergentField | undefined {
  if (Object.is(expected, found) || seen.has(expected)) return undefined;
  if (!isObject(expected) || !isObject(found) || expected.constructor !== found.constructor)
    return { field: path, expected: brief(expected), found: brief(found) };
  seen.add(expected);
  const [left, right] = [entriesOf(expected), entriesOf(found)];
  for (const [key, value] of left) {
    const difference = firstDifference(value, right.get(key), `${path}.${key}`, seen);
    if (difference !== undefined) return difference;
  }
  for (const [key, value] of right)
    if (!left.has(key)) return { field: `${path}.${key}`, expected: 'absent', found: brief(value) };
  return undefined;
}

function entriesOf(value: object): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), item as unknown]));
  if (value instanceof Set) return new Map([...value].map((item, at) => [at.toString(), item as unknown]));
  return new Map(Object.entries(value));
}

const brief = (value: unknown): string => {
  if (typeof value === 'bigint') return hex(value);
  if (isObject(value)) return value.constructor.name;
  return String(value).slice(0, 80);
};

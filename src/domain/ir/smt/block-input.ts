import { hex } from '../../shared/bits.ts';
import type { DivergentField } from '../../virtual-machine/divergence.ts';
import { type BlockExit, evaluateBlock, type MemoryFault } from '../evaluator.ts';
import type { IrBlock } from '../node.ts';
import type { EquivalenceInputs } from './block-equivalence.ts';

/** One input of a block: where it lies, guest state, memory. Bytes that are not named are zero. */
export interface BlockInput {
  readonly address: bigint;
  readonly slots: ReadonlyMap<string, bigint>;
  readonly memory: ReadonlyMap<bigint, number>;
  /** Pages, by number, that must not be accessed. */
  readonly denied: ReadonlySet<bigint>;
}

const pageBits = 12n;

/** The input that a solver's model describes. */
export function inputOf(
  { slots, address, accesses, bytes }: EquivalenceInputs,
  values: ReadonlyMap<string, bigint>,
): BlockInput {
  const valueOf = (name: string): bigint => values.get(name) ?? constantOf(name);
  return {
    address: valueOf(address),
    slots: new Map(slots.map(({ slot, name }) => [slot.name, valueOf(name)])),
    memory: new Map(bytes.map((byte) => [valueOf(byte.address), Number(valueOf(byte.value))])),
    denied: new Set(
      accesses
        .filter(({ faults }) => valueOf(faults) === 1n)
        .map((access) => valueOf(access.address) >> pageBits),
    ),
  };
}

/** A literal that stands where a name may. */
const constantOf = (name: string): bigint => BigInt(/bv(\d+)/.exec(name)?.[1] ?? 0);

interface Seen {
  readonly exit: BlockExit;
  readonly slots: ReadonlyMap<string, bigint>;
  readonly stored: ReadonlyMap<bigint, number>;
}

function run(block: IrBlock, input: BlockInput): Seen {
  const slots = new Map(input.slots);
  const stored = new Map<bigint, number>();
  const fault = (address: bigint, size: number, access: 'load' | 'store'): MemoryFault | undefined => {
    for (let at = address; at < address + BigInt(size); at++)
      if (input.denied.has(at >> pageBits)) return { access, kind: 'unmapped', address: at };
    return undefined;
  };
  const byteAt = (at: bigint): number => stored.get(at) ?? input.memory.get(at) ?? 0;
  const exit = evaluateBlock(block, input.address, {
    readSlot: (slot) => slots.get(slot.name) ?? 0n,
    writeSlot: (slot, value) => void slots.set(slot.name, value),
    load(address, size) {
      const refused = fault(address, size, 'load');
      if (refused) return refused;
      let value = 0n;
      for (let at = size - 1; at >= 0; at--)
        value = (value << 8n) | BigInt(byteAt(BigInt.asUintN(64, address + BigInt(at))));
      return value;
    },
    store(address, size, value) {
      const refused = fault(address, size, 'store');
      if (refused) return refused;
      for (let at = 0; at < size; at++)
        stored.set(BigInt.asUintN(64, address + BigInt(at)), Number((value >> BigInt(8 * at)) & 0xffn));
      return undefined;
    },
    counter: (_, before) => BigInt(before),
  });
  return { exit, slots, stored };
}

/** What two blocks do differently with an input, by the golden evaluator; nothing: they agree on it. */
export function differencesOn(block: IrBlock, other: IrBlock, input: BlockInput): readonly DivergentField[] {
  const [expected, found] = [run(block, input), run(other, input)];
  const differences: DivergentField[] = [];
  const note = (field: string, one: string, two: string): void => {
    if (one !== two) differences.push({ field, expected: one, found: two });
  };
  note('end', exitText(expected.exit), exitText(found.exit));
  note('pc', hex(expected.exit.pc), hex(found.exit.pc));
  for (const name of input.slots.keys())
    note(name, hex(expected.slots.get(name) ?? 0n), hex(found.slots.get(name) ?? 0n));
  for (const at of new Set([...expected.stored.keys(), ...found.stored.keys()])) {
    const byte = ({ stored }: Seen) => hex(stored.get(at) ?? input.memory.get(at) ?? 0);
    note(`memory ${hex(at)}`, byte(expected), byte(found));
  }
  return differences;
}

function exitText(exit: BlockExit): string {
  const how =
    exit.kind === 'trap'
      ? `trap ${exit.cause}`
      : exit.kind === 'fault'
        ? `fault of ${exit.fault.access} at ${hex(exit.fault.address)}`
        : exit.kind;
  return `${how} after ${exit.retired} instructions`;
}

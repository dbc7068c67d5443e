import { type BlockExit, evaluateBlock, type MemoryFault } from '../../src/domain/ir/evaluator.ts';
import type { IrBlock } from '../../src/domain/ir/node.ts';

/** Runs a block on the golden evaluator from a given state, and says everything that anyone could see of it. */
export interface Surrounding {
  readonly slots: ReadonlyMap<string, bigint>;
  /** Pages by number: what may be done there, and a byte from which the contents follow. */
  readonly pages: ReadonlyMap<
    bigint,
    { readonly access: 'none' | 'read' | 'write' | 'both'; readonly fill: number }
  >;
}

export interface Outcome {
  readonly exit: BlockExit;
  readonly slots: ReadonlyMap<string, bigint>;
  /** The bytes that were stored. */
  readonly memory: ReadonlyMap<bigint, number>;
}

export const pageSize = 4096n;

export function runBlock(block: IrBlock, address: bigint, { slots: given, pages }: Surrounding): Outcome {
  const slots = new Map(given);
  const memory = new Map<bigint, number>();
  const refusal = (address: bigint, size: number, access: 'load' | 'store'): MemoryFault | undefined => {
    const wanted = access === 'load' ? 'read' : 'write';
    for (let at = address; at < address + BigInt(size); at++) {
      const page = pages.get(at / pageSize);
      if (page === undefined) return { access, kind: 'unmapped', address: at };
      if (page.access !== 'both' && page.access !== wanted)
        return { access, kind: 'protection', address: at };
    }
    return undefined;
  };
  const byteAt = (at: bigint): number =>
    memory.get(at) ?? (pages.get(at / pageSize)!.fill + Number(at % pageSize) * 7) & 0xff;
  const exit = evaluateBlock(block, address, {
    readSlot: (slot) => slots.get(slot.name) ?? 0n,
    writeSlot: (slot, value) => void slots.set(slot.name, value),
    load(address, size) {
      const fault = refusal(address, size, 'load');
      if (fault) return fault;
      let value = 0n;
      for (let byte = size - 1; byte >= 0; byte--)
        value = (value << 8n) | BigInt(byteAt(address + BigInt(byte)));
      return value;
    },
    store(address, size, value) {
      const fault = refusal(address, size, 'store');
      if (fault) return fault;
      for (let byte = 0; byte < size; byte++)
        memory.set(address + BigInt(byte), Number((value >> BigInt(8 * byte)) & 0xffn));
      return undefined;
    },
    counter: (counter, before) => BigInt(before) * 3n + BigInt(counter.length) * 1000n,
  });
  return { exit, slots, memory };
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `0x${part.toString(16)}` : part));

/** What differs between two outcomes, one line a difference. */
export function outcomeDifferences(expected: Outcome, actual: Outcome): readonly string[] {
  const differences: string[] = [];
  const note = (what: string, one: unknown, other: unknown) => {
    // Hundreds of millions of times the same; writing both down to see that is most of what a comparison costs.
    if (one === other) return;
    if (text(one) !== text(other)) differences.push(`${what}: ${text(one)} became ${text(other)}`);
  };
  note('exit', expected.exit, actual.exit);
  for (const name of new Set([...expected.slots.keys(), ...actual.slots.keys()]))
    note(name, expected.slots.get(name) ?? 0n, actual.slots.get(name) ?? 0n);
  for (const at of new Set([...expected.memory.keys(), ...actual.memory.keys()]))
    note(`memory at 0x${at.toString(16)}`, expected.memory.get(at), actual.memory.get(at));
  return differences;
}

import { codeUnit, type Effects } from '../../../application/ports/effects.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { StateLayout } from '../../../domain/ir/types.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';

/** An instruction, and where it lies. */
export interface PlacedInstruction {
  readonly address: number;
  readonly lifted: { readonly block: IrBlock };
}

/** Bytes of a page's set of instructions. */
const setBytes = pageSize / codeUnit / 8;

interface KnownBlock {
  /** Where its instructions begin, ascending. */
  addresses: readonly number[];
  read: bigint;
  written: bigint;
}

/** What the blocks of code do that were entered: marks tell where one was, and which instructions it has is known. */
export class ExecutedBlocks {
  readonly #slots: ReadonlyMap<string, bigint>;
  /** What begins at an address: of all the code that was there. */
  readonly #known = new Map<number, KnownBlock>();
  readonly #entered = new Set<KnownBlock>();

  #systemWrites = 0n;

  constructor(layout: StateLayout) {
    this.#slots = new Map([...layout.slots.keys()].map((name, number) => [name, 1n << BigInt(number)]));
  }

  /** Learns what code begins at `address`. */
  learn(address: number, instructions: readonly PlacedInstruction[]): void {
    let known = this.#known.get(address);
    if (!known) this.#known.set(address, (known = { addresses: [], read: 0n, written: 0n }));
    const addresses = new Set([...known.addresses, ...instructions.map((placed) => placed.address)]);
    known.addresses = [...addresses].sort((a, b) => a - b);
    for (const { lifted } of instructions) {
      const { nodes, layout } = lifted.block;
      for (const node of nodes)
        if (node.op === 'read') known.read |= this.#slots.get(node.attr.slot.name)!;
        else if (node.op === 'write') known.written |= this.#slots.get(node.attr.slot.name)!;
        else if (node.op === 'raise') known.written |= this.#slots.get(layout.fpExceptions.name)!;
    }
  }

  /** Takes in registers, by their slots' names, that no block wrote. */
  systemWrote(registers: readonly string[]): void {
    for (const register of registers) this.#systemWrites |= this.#slots.get(register)!;
  }

  /** Takes in a page's marks, bytes of 0 or 1 in a table that begins at `units`, and clears them. */
  gather(page: number, bytes: Uint8Array, units: number): void {
    const perPage = pageSize / codeUnit;
    const marks = bytes.subarray(units + page * perPage, units + (page + 1) * perPage);
    for (let unit = marks.indexOf(1); unit >= 0; unit = marks.indexOf(1, unit + 1)) {
      marks[unit] = 0;
      const block = this.#known.get(page * pageSize + unit * codeUnit);
      if (block) this.#entered.add(block);
    }
  }

  /** What the blocks do that were entered since the last call. */
  take(): Pick<Effects, 'executed' | 'registersRead' | 'registersWritten'> {
    let [registersRead, registersWritten] = [0n, this.#systemWrites];
    this.#systemWrites = 0n;
    const sets = new Map<number, Uint8Array>();
    for (const { addresses, read, written } of this.#entered) {
      registersRead |= read;
      registersWritten |= written;
      addSet(sets, addresses);
    }
    this.#entered.clear();
    const pages = Uint32Array.from(sets.keys()).sort();
    const marks = new Uint8Array(pages.length * setBytes);
    for (const [at, page] of pages.entries()) marks.set(sets.get(page)!, at * setBytes);
    return { executed: { pages, marks }, registersRead, registersWritten };
  }
}

function addSet(sets: Map<number, Uint8Array>, addresses: readonly number[]): void {
  let page = -1;
  let set: Uint8Array = new Uint8Array(0);
  for (const address of addresses) {
    const own = Math.floor(address / pageSize);
    if (own !== page) {
      page = own;
      set = sets.get(page) ?? new Uint8Array(setBytes);
      sets.set(page, set);
    }
    const unit = (address % pageSize) / codeUnit;
    set[unit >> 3] = set[unit >> 3]! | (1 << (unit & 7));
  }
}

import { codeUnit, type Effects, granuleSize, type PageMarks } from '../../../application/ports/effects.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { AccessKind } from '../../../application/ports/stops.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import type { StateLayout } from '../../../domain/ir/types.ts';
import { allocate, wasmPage } from './allocate.ts';

/** An instruction, and where it lies. */
export interface PlacedInstruction {
  readonly address: number;
  readonly lifted: { readonly block: IrBlock };
}

interface KnownBlock {
  readonly addresses: Set<number>;
  read: bigint;
  written: bigint;
}

/** Where one kind of mark lies: a byte a page, and a byte for each unit of `1 << shift` bytes. */
export interface MarkTable {
  readonly pages: number;
  readonly units: number;
  readonly shift: number;
}

export type MarkKind = AccessKind | 'execute';

/**
 * Marks of what the machines of an engine do, in a WebAssembly memory that generated code stores to: a byte for each granule
 * read, each granule written, and the beginning of each block entered. Law: a marked unit's page is marked as well.
 */
export class EffectMarks {
  readonly memory: WebAssembly.Memory;
  readonly tables: Readonly<Record<MarkKind, MarkTable>>;
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  readonly #pageCount: number;
  readonly #slots: ReadonlyMap<string, bigint>;
  /** What begins at an address: of all the code that was there. */
  readonly #blocks = new Map<number, KnownBlock>();
  readonly #stepped = new Map<number, IrBlock>();

  /** `size`: bytes of guest memory. Throws EngineFault. */
  constructor(size: number, layout: StateLayout) {
    this.#pageCount = size / pageSize;
    const [read, write, execute] = [0, 1, 2].map((table) => table * this.#pageCount) as [
      number,
      number,
      number,
    ];
    const first = 3 * this.#pageCount;
    const granules = size / granuleSize;
    this.tables = {
      read: { pages: read, units: first, shift: Math.log2(granuleSize) },
      write: { pages: write, units: first + granules, shift: Math.log2(granuleSize) },
      execute: { pages: execute, units: first + 2 * granules, shift: Math.log2(codeUnit) },
    };
    const bytes = first + 2 * granules + size / codeUnit;
    this.memory = allocate(Math.ceil(bytes / wasmPage) * wasmPage, 'marks');
    this.#bytes = Buffer.from(this.memory.buffer);
    this.#words = new Int32Array(this.memory.buffer);
    this.#slots = new Map([...layout.slots.keys()].map((name, number) => [name, 1n << BigInt(number)]));
  }

  /** Marks an access of `length` (> 0) bytes at `address`. */
  note(access: AccessKind, address: number, length: number): void {
    const { pages, units, shift } = this.tables[access];
    const last = address + length - 1;
    this.#bytes.fill(1, pages + Math.floor(address / pageSize), pages + Math.floor(last / pageSize) + 1);
    this.#bytes.fill(1, units + Math.floor(address / 2 ** shift), units + Math.floor(last / 2 ** shift) + 1);
  }

  /** Learns what code begins at `address`, whose entry generated code marks. */
  addBlock(address: number, instructions: readonly PlacedInstruction[]): void {
    let known = this.#blocks.get(address);
    if (!known) this.#blocks.set(address, (known = { addresses: new Set(), read: 0n, written: 0n }));
    for (const placed of instructions) {
      known.addresses.add(placed.address);
      const { nodes, layout } = placed.lifted.block;
      for (const node of nodes)
        if (node.op === 'read') known.read |= this.#slots.get(node.attr.slot.name)!;
        else if (node.op === 'write') known.written |= this.#slots.get(node.attr.slot.name)!;
        else if (node.op === 'raise') known.written |= this.#slots.get(layout.fpExceptions.name)!;
    }
  }

  /** Marks an instruction that was executed by itself. */
  step(address: number, lifted: { readonly block: IrBlock }): void {
    if (this.#stepped.get(address) !== lifted.block) {
      this.#stepped.set(address, lifted.block);
      this.addBlock(address, [{ address, lifted }]);
    }
    const { pages, units, shift } = this.tables.execute;
    this.#bytes[pages + Math.floor(address / pageSize)] = 1;
    this.#bytes[units + Math.floor(address / 2 ** shift)] = 1;
  }

  /** What was marked since the last call. */
  take(): Effects {
    const executed = new ExecutedCode();
    for (const { page, marks } of this.#harvest('execute'))
      for (let unit = 0; unit < 8 * marks.length; unit++)
        if ((marks[unit >> 3]! >> (unit & 7)) & 1) {
          const block = this.#blocks.get(page * pageSize + unit * codeUnit);
          if (block) executed.add(block);
        }
    return {
      reads: this.#harvest('read'),
      writes: this.#harvest('write'),
      executed: executed.pages(),
      registersRead: executed.read,
      registersWritten: executed.written,
    };
  }

  /** The marks of a kind, which are cleared. */
  #harvest(kind: MarkKind): PageMarks[] {
    const { pages, units, shift } = this.tables[kind];
    const perPage = pageSize >> shift;
    const found: PageMarks[] = [];
    const table = this.#bytes.subarray(pages, pages + this.#pageCount);
    for (let page = table.indexOf(1); page >= 0; page = table.indexOf(1, page + 1)) {
      table[page] = 0;
      found.push({ page, marks: this.#gather(units + page * perPage, perPage) });
    }
    return found;
  }

  /** Packs `count` bytes of 0 or 1 into bits, and clears them. */
  #gather(at: number, count: number): Uint8Array {
    const bits = new Uint8Array(count / 8);
    const words = this.#words;
    const first = at / 4;
    for (let word = 0; word < count / 4; word++) {
      const bytes = words[first + word]!;
      if (bytes === 0) continue;
      words[first + word] = 0;
      const four = (bytes | (bytes >> 7) | (bytes >> 14) | (bytes >> 21)) & 15;
      bits[word >> 1] = bits[word >> 1]! | (four << ((word & 1) * 4));
    }
    return bits;
  }
}

/** The union of blocks. */
class ExecutedCode {
  read = 0n;
  written = 0n;
  readonly #pages = new Map<number, Uint8Array>();

  add({ addresses, read, written }: KnownBlock): void {
    this.read |= read;
    this.written |= written;
    for (const address of addresses) {
      const page = Math.floor(address / pageSize);
      let marks = this.#pages.get(page);
      if (!marks) this.#pages.set(page, (marks = new Uint8Array(pageSize / codeUnit / 8)));
      const unit = (address % pageSize) / codeUnit;
      marks[unit >> 3] = marks[unit >> 3]! | (1 << (unit & 7));
    }
  }

  pages(): PageMarks[] {
    return [...this.#pages].map(([page, marks]) => ({ page, marks })).sort((a, b) => a.page - b.page);
  }
}

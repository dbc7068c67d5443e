import { codeUnit, type Effects, granuleSize } from '../../../application/ports/effects.ts';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import type { AccessKind } from '../../../application/ports/stops.ts';
import type { IrBlock } from '../../../domain/ir/node.ts';
import type { StateLayout } from '../../../domain/ir/types.ts';
import { allocate, wasmPage } from './allocate.ts';
import { ExecutedBlocks, type PlacedInstruction } from './executed-blocks.ts';
import { PackedMarks, packedSetBytes, packMarks } from './packed-marks.ts';

/** Where one kind of mark lies: a byte a page, and a byte for each unit of `1 << shift` bytes. */
export interface MarkTable {
  readonly pages: number;
  readonly units: number;
  readonly shift: number;
}

/**
 * Bytes between the tables, so that a granule's marks differ in the bits of the address that choose a set of the host's data cache.
 * Measured (AMD EPYC, Node 24.21): with tables a power of two apart, guest code that loads and stores took three times as long.
 */
const apart = 2048;

export type MarkKind = AccessKind | 'execute';

/**
 * Marks of what the machines of an engine do, in a WebAssembly memory that generated code stores to: a byte for each granule
 * read, each granule written, and the beginning of each block entered. Law: a marked unit's page is marked as well; the pages of
 * reads and writes are the same bytes.
 */
export class EffectMarks {
  readonly memory: WebAssembly.Memory;
  readonly tables: Readonly<Record<MarkKind, MarkTable>>;
  readonly #bytes: Buffer;
  readonly #pageCount: number;
  readonly #executed: ExecutedBlocks;
  readonly #reads: PackedMarks;
  readonly #writes: PackedMarks;
  readonly #stepped = new Map<number, IrBlock>();

  /** `size`: bytes of guest memory. Throws EngineFault. */
  constructor(size: number, layout: StateLayout) {
    this.#pageCount = size / pageSize;
    const [data, execute, first] = [0, this.#pageCount, 2 * this.#pageCount];
    const granules = size / granuleSize;
    this.tables = {
      read: { pages: data, units: first, shift: Math.log2(granuleSize) },
      write: { pages: data, units: first + granules + apart, shift: Math.log2(granuleSize) },
      execute: { pages: execute, units: first + 2 * (granules + apart), shift: Math.log2(codeUnit) },
    };
    const packed = first + 2 * (granules + apart) + size / codeUnit;
    const bytes = packed + 2 * this.#pageCount * packedSetBytes;
    this.memory = allocate(Math.ceil(bytes / wasmPage) * wasmPage, 'marks');
    this.#bytes = Buffer.from(this.memory.buffer);
    const pack = packMarks(this.memory);
    const { read, write } = this.tables;
    this.#reads = new PackedMarks(this.#bytes, pack, read.units, packed);
    this.#writes = new PackedMarks(this.#bytes, pack, write.units, packed + this.#pageCount * packedSetBytes);
    this.#executed = new ExecutedBlocks(layout);
  }

  /** Marks an access of `length` (> 0) bytes at `address`. */
  note(access: AccessKind, address: number, length: number): void {
    const { pages, units, shift } = this.tables[access];
    const last = address + length - 1;
    this.#bytes.fill(1, pages + Math.floor(address / pageSize), pages + Math.floor(last / pageSize) + 1);
    this.#bytes.fill(1, units + Math.floor(address / 2 ** shift), units + Math.floor(last / 2 ** shift) + 1);
  }

  /** Marks registers that the system wrote. */
  systemWrote(registers: readonly string[]): void {
    this.#executed.systemWrote(registers);
  }

  /** Learns what code begins at `address`, whose entry generated code marks. */
  addBlock(address: number, instructions: readonly PlacedInstruction[]): void {
    this.#executed.learn(address, instructions);
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
    const { read, execute } = this.tables;
    this.#eachPage(read.pages, (page) => {
      this.#reads.add(page);
      this.#writes.add(page);
    });
    this.#eachPage(execute.pages, (page) => {
      this.#executed.gather(page, this.#bytes, execute.units);
    });
    return { reads: this.#reads.take(), writes: this.#writes.take(), ...this.#executed.take() };
  }

  /** Calls `found` for the marked pages of a table, which are cleared, in order. */
  #eachPage(pages: number, found: (page: number) => void): void {
    const table = this.#bytes.subarray(pages, pages + this.#pageCount);
    for (let page = table.indexOf(1); page >= 0; page = table.indexOf(1, page + 1)) {
      table[page] = 0;
      found(page);
    }
  }
}

import type { InstructionSet } from '../../../domain/isa/instruction-set.ts';
import type { InstructionSource } from '../golden/instruction-source.ts';
import { control, jumpCache, jumpCacheAt } from '../memory/control-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import { CodeMap, pagesOf, type Region } from './code-map.ts';
import { exactFloatImport } from './float-imports.ts';
import { isTranslatable } from './region/instruction-emitter.ts';
import { RegionCompiler, regionExport } from './region/region-compiler.ts';
import { discoverRegion, type DiscoveryLimits } from './region/region-discovery.ts';
import { runtimeFunctions } from './runtime-module.ts';

/** Where execution can enter translated code: a block of a region. */
export interface Entry {
  readonly region: Region;
  readonly block: number;
}

/** TurboFan's time grows faster than a function does: 9 ms for 50 blocks, 48 ms for 200. */
const limits: DiscoveryLimits = { instructions: 200, blocks: 24 };
/** When this many regions exist, all are dropped and translation begins anew. */
const maxRegions = 6000;
const noPc = 0xffff_ffff;

/**
 * The regions of one machine. Laws: an entry exists only while every guest byte its region was made from is
 * unchanged and executable; the jump cache in control memory holds live entries only.
 */
export class TranslationCache {
  readonly #memory: FlatMemory;
  readonly #source: InstructionSource;
  readonly #pcSlot: InstructionSet['layout']['pc'];
  readonly #table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
  readonly #codeMap: CodeMap;
  readonly #entries = new Map<number, Entry>();
  readonly #regions = new Set<Region>();
  readonly #freeIndices: number[] = [];
  #nextIndex = 0;
  readonly #imports: Record<string, unknown>;
  readonly #jumps: Uint32Array;
  translatedBlocks = 0;
  translatedInstructions = 0;
  invalidatedBlocks = 0;

  constructor(
    isa: InstructionSet,
    memory: FlatMemory,
    source: InstructionSource,
    timeAt: (icount: number) => bigint,
  ) {
    this.#memory = memory;
    this.#source = source;
    this.#pcSlot = isa.layout.pc;
    this.#codeMap = new CodeMap(memory);
    this.#jumps = new Uint32Array(
      memory.control.buffer,
      jumpCacheAt(memory.pageCount),
      (jumpCache.entries * jumpCache.entrySize) / 4,
    );
    this.#jumps.fill(noPc);
    this.#imports = {
      ...runtimeFunctions(),
      guest: memory.guest,
      control: memory.control,
      regions: this.#table,
      timeAt,
      admitLoad: (address: number, size: number) => this.#admitLoad(address, size),
      admitStore: (address: number, size: number) => this.#admitStore(address, size),
    };
    memory.onCodeChange = (start, end) => this.#invalidate(start, end);
  }

  /** The translation that begins at `address`, if there is one. */
  lookup(address: number): Entry | undefined {
    return this.#entries.get(address);
  }

  /** Lets generated code find an entry without coming back here. */
  remember(address: number, { region, block }: Entry): void {
    const at = jumpIndex(address);
    this.#jumps.set([address, 0, region.table, block], at);
  }

  /** Translates the region that begins at `address`; undefined when its first instruction has no translation. */
  translate(address: number): Entry | undefined {
    if (this.#regions.size >= maxRegions) this.#dropAll();
    const blocks = discoverRegion(address, this.#source, isTranslatable, limits);
    if (blocks.length === 0) return undefined;
    const { bytes, imports } = new RegionCompiler(blocks, this.#memory, this.#pcSlot).compile();
    for (const name of imports) this.#imports[name] ??= exactFloatImport(name, this.#memory.control);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      engine: this.#imports,
    });
    const run = instance.exports[regionExport]!;
    const region: Region = { table: this.#claimIndex(run), run, blocks, pages: pagesOf(blocks) };
    this.#regions.add(region);
    this.#codeMap.add(region);
    blocks.forEach((block, index) => {
      this.translatedBlocks++;
      this.translatedInstructions += block.instructions.length;
      if (!this.#entries.has(block.address)) this.#entries.set(block.address, { region, block: index });
    });
    const block = blocks.findIndex((candidate) => candidate.address === address);
    return { region, block };
  }

  #claimIndex(run: CallableFunction): number {
    const index = this.#freeIndices.pop() ?? this.#nextIndex++;
    if (index >= this.#table.length) this.#table.grow(this.#table.length);
    this.#table.set(index, run);
    return index;
  }

  #invalidate(start: number, end: number): void {
    for (const region of this.#codeMap.regionsIn(start, end)) this.#drop(region);
  }

  #dropAll(): void {
    for (const region of [...this.#regions]) this.#drop(region);
  }

  #drop(region: Region): void {
    this.#codeMap.remove(region);
    this.#regions.delete(region);
    this.#table.set(region.table, null);
    this.#freeIndices.push(region.table);
    for (const { address } of region.blocks) {
      this.invalidatedBlocks++;
      if (this.#entries.get(address)?.region === region) this.#entries.delete(address);
      const at = jumpIndex(address);
      if (this.#jumps[at] === address && this.#jumps[at + 2] === region.table)
        this.#jumps.fill(noPc, at, at + 4);
    }
  }

  /** 0 lets generated code load; 1 has the instruction stepped, which makes the fault. */
  #admitLoad(address: number, size: number): number {
    return this.#memory.fault(address, size, 1, 'load') ? 1 : 0;
  }

  /** 0 lets generated code store, the pages being dirty now; 1 has it stepped: a fault, or a change of code. */
  #admitStore(address: number, size: number): number {
    if (this.#memory.fault(address, size, 2, 'store')) return 1;
    if (this.#codeMap.overlaps(address, address + size)) return 1;
    this.#memory.touch(address, size);
    return 0;
  }
}

/** Where the jump cache has an address, in 32-bit words; generated code computes the same. */
const jumpIndex = (address: number): number =>
  (((address << 3) & ((jumpCache.entries - 1) * jumpCache.entrySize)) >>> 0) / 4;

export const remainingWord = control.remaining >> 2;

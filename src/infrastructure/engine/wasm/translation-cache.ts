import type { InstructionSet } from '../../../domain/isa/instruction-set.ts';
import { jumpCache, jumpCacheAt } from '../memory/control-memory.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import { CodeMap, pagesOf, type Translation } from './code-map.ts';
import { exactFloatImport } from './float-imports.ts';
import { FunctionTable } from './function-table.ts';
import { type EngineImports, Interpreter, neverHot } from './interpreter/interpreter.ts';
import { isTranslatable } from './region/translatable.ts';
import { RegionCompiler } from './region/region-compiler.ts';
import { regionExport } from './region/region-frame.ts';
import { discoverRegion, type DiscoveryLimits } from './region/region-discovery.ts';
import { runtimeFunctions } from './runtime-module.ts';
import type { TranslatableSource } from './translatable-source.ts';

/** Where execution can enter translated code. `argument`: a record of the interpreter; nothing to a region. */
export interface Entry {
  readonly translation: Translation;
  readonly argument: number;
}

/** TurboFan's time grows faster than a function does: 9 ms for 50 blocks, 48 ms for 200. */
const limits: DiscoveryLimits = { instructions: 200, blocks: 24 };
/** When this many regions exist, all are dropped and translation begins anew. */
const maxRegions = 6000;
/** How often within a window, in instructions, an instruction may leave its region for its slow path before it gets a call. */
const maxSlowTimes = 64;
const slowWindow = 1 << 22;
const noPc = 0xffff_ffff;

/**
 * The translated code of one machine. Laws: an entry exists only while every guest byte it was made from is
 * unchanged and executable; the jump cache in control memory holds live entries only.
 */
export class TranslationCache {
  readonly #memory: FlatMemory;
  readonly #source: TranslatableSource;
  readonly #pcSlot: InstructionSet['layout']['pc'];
  readonly #table = new FunctionTable();
  readonly #interpreter: Interpreter;
  readonly #codeMap: CodeMap;
  readonly #entries = new Map<number, Entry>();
  readonly #threaded = new Map<number, Entry>();
  readonly #slowTimes = new Map<number, { readonly since: number; readonly times: number }>();
  readonly #slowByCall = new Set<number>();
  readonly #translations = new Set<Translation>();
  /** Translations that a stop made shorter. */
  readonly #cut = new Set<Translation>();
  #regionCount = 0;
  readonly #imports: EngineImports;
  readonly #jumps: Uint32Array;
  translatedBlocks = 0;
  translatedInstructions = 0;
  invalidatedBlocks = 0;

  constructor(
    isa: InstructionSet,
    memory: FlatMemory,
    source: TranslatableSource,
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
      regions: this.#table.table,
      timeAt,
      admitLoad: (address: number, size: number) => this.#admitLoad(address, size),
      admitStore: (address: number, size: number) => this.#admitStore(address, size),
    };
    this.#interpreter = new Interpreter(
      memory,
      source,
      this.#table,
      this.#imports,
      (name) => exactFloatImport(name, memory.control),
      isa.layout.pc,
    );
    memory.onCodeChange = (start, end) => this.#invalidate(start, end);
  }

  /** The translation that begins at `address`, if there is one. */
  lookup(address: number): Entry | undefined {
    return this.#entries.get(address);
  }

  /** Has generated code find nothing until it is told again. */
  forgetJumps(): void {
    this.#jumps.fill(noPc);
  }

  /** Lets generated code find an entry without coming back here. */
  remember(address: number, { translation, argument }: Entry): void {
    this.#jumps.set([address, 0, translation.table, argument], jumpIndex(address));
  }

  /**
   * Makes the interpreter's block the entry at `address`, to be called hot at its `heat`th entry; undefined when its first
   * instruction has to be stepped.
   */
  interpret(address: number, heat: number): Entry | undefined {
    const entry = this.threaded(address);
    if (!entry) return undefined;
    this.#interpreter.warm(entry.argument, heat);
    this.#entries.set(address, entry);
    return entry;
  }

  /** The interpreter's block that begins at `address`, whatever the entry there is; undefined as for `interpret`. */
  threaded(address: number): Entry | undefined {
    const known = this.#threaded.get(address);
    if (known) return known;
    if (this.#interpreter.full) this.dropAll();
    const { cuts } = this.#source;
    const made = this.#interpreter.translate(address);
    if (!made) return undefined;
    const { block, table, run, record } = made;
    const blocks = [block];
    const entry = {
      translation: { tier: 'interpreter', table, run, blocks, pages: pagesOf(blocks) },
      argument: record,
    } as const;
    this.#add(entry.translation, this.#source.cuts > cuts);
    this.#threaded.set(address, entry);
    return entry;
  }

  /** Keeps the interpreter's block at `address` from being called hot again. */
  cool(address: number): void {
    const entry = this.#threaded.get(address);
    if (entry) this.#interpreter.warm(entry.argument, neverHot);
  }

  /**
   * Notes that a region was left, when `icount` instructions had retired, because the instruction at `address` was off the
   * fast path. Where that happens often, the regions are translated anew, with calls.
   */
  tookSlowPath(address: number, icount: number): void {
    const known = this.#slowTimes.get(address);
    const recent = known !== undefined && icount - known.since < slowWindow;
    const { since, times } = recent ? known : { since: icount, times: 0 };
    this.#slowTimes.set(address, { since, times: times + 1 });
    if (times + 1 < maxSlowTimes || this.#slowByCall.has(address)) return;
    this.#slowByCall.add(address);
    for (const translation of this.#codeMap.translationsIn(address, address + 1))
      if (translation.tier === 'region') this.#drop(translation);
  }

  /** Translates the region that begins at `address`; undefined when its first instruction has no translation. */
  translate(address: number): Entry | undefined {
    if (this.#regionCount >= maxRegions) this.dropAll();
    const { cuts } = this.#source;
    const blocks = discoverRegion(address, this.#source, isTranslatable, limits);
    if (blocks.length === 0) return undefined;
    const { bytes, imports } = new RegionCompiler(
      blocks,
      address,
      this.#memory,
      this.#pcSlot,
      this.#slowByCall,
    ).compile();
    for (const name of imports) this.#imports[name] ??= exactFloatImport(name, this.#memory.control);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      engine: this.#imports,
    });
    const run = instance.exports[regionExport]!;
    const table = this.#table.add(run);
    const translation: Translation = { tier: 'region', table, run, blocks, pages: pagesOf(blocks) };
    this.#regionCount++;
    this.#add(translation, this.#source.cuts > cuts);
    for (const { instructions } of blocks) {
      this.translatedBlocks++;
      this.translatedInstructions += instructions.length;
    }
    const entry = { translation, argument: 0 };
    this.#entries.set(address, entry);
    this.#forgetJump(address);
    return entry;
  }

  /** Drops what was made with other stops and is wrong, or shorter than it need be, with those there are now. */
  stopsChanged(): void {
    for (const translation of this.#cut) this.#drop(translation);
    const concerned = ({ blocks }: Translation): boolean =>
      blocks.some(({ instructions }) =>
        instructions.some(({ address, lifted }) => this.#source.concerned(address, lifted)),
      );
    for (const translation of [...this.#translations]) if (concerned(translation)) this.#drop(translation);
  }

  #add(translation: Translation, cut: boolean): void {
    this.#translations.add(translation);
    if (cut) this.#cut.add(translation);
    this.#codeMap.add(translation);
  }

  #invalidate(start: number, end: number): void {
    for (const translation of this.#codeMap.translationsIn(start, end)) {
      if (translation.tier === 'region') this.invalidatedBlocks += translation.blocks.length;
      this.#drop(translation);
    }
  }

  /** Drops all translations. */
  dropAll(): void {
    for (const translation of [...this.#translations]) this.#drop(translation);
    this.#interpreter.clear();
  }

  #drop(translation: Translation): void {
    this.#codeMap.remove(translation);
    this.#translations.delete(translation);
    this.#cut.delete(translation);
    if (translation.tier === 'region') {
      this.#table.remove(translation.table);
      this.#regionCount--;
    }
    for (const { address } of translation.blocks) {
      for (const map of [this.#entries, this.#threaded])
        if (map.get(address)?.translation === translation) map.delete(address);
      this.#forgetJump(address);
    }
  }

  #forgetJump(address: number): void {
    const at = jumpIndex(address);
    if (this.#jumps[at] === address) this.#jumps.fill(noPc, at, at + 4);
  }

  /** 0 lets generated code load; 1 has the instruction stepped: a fault, or a watched load. */
  #admitLoad(address: number, size: number): number {
    if (this.#memory.watched.overlaps('read', address, size)) return 1;
    return this.#memory.fault(address, size, 1, 'load') ? 1 : 0;
  }

  /** 0 lets generated code store, the pages being dirty now; 1 has it stepped: a fault, a change of code, a watched store. */
  #admitStore(address: number, size: number): number {
    if (this.#memory.fault(address, size, 2, 'store')) return 1;
    if (this.#codeMap.overlaps(address, address + size) || this.#memory.storeNeedsStep(address, size))
      return 1;
    if (this.#memory.watched.overlaps('write', address, size)) return 1;
    this.#memory.touch(address, size);
    return 0;
  }
}

/** Where the jump cache has an address, in 32-bit words; generated code computes the same. */
const jumpIndex = (address: number): number =>
  (((address << 3) & ((jumpCache.entries - 1) * jumpCache.entrySize)) >>> 0) / 4;

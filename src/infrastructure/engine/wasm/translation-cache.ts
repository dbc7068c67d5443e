import type { InstructionSet } from '../../../domain/isa/instruction-set.ts';
import type { TranslationCacheEvent, TranslationDropped } from '../../../domain/translation-cache/events.ts';
import type { CacheOccupancy } from '../../../domain/translation-cache/statistics.ts';
import { threadedCodeAt } from '../memory/control-memory.ts';
import { EngineFault } from '../memory/engine-fault.ts';
import type { PlacedInstruction } from '../memory/executed-blocks.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import { admissionOf } from './cache/admission.ts';
import type { CacheCapacity } from './cache/cache-capacity.ts';
import { JumpCache } from './cache/jump-cache.ts';
import { uptimeMs } from '../../host/uptime.ts';
import type { KeptRegions } from './cache/kept-regions.ts';
import type { ModuleStore } from './cache/module-store.ts';
import { RegionTranslator } from './cache/region-translator.ts';
import { SlowSites } from './cache/slow-sites.ts';
import { TargetSamples } from './cache/target-samples.ts';
import { CodeMap, type CodeRange, pagesOf, type Translation } from './code-map.ts';
import { exactFloatImport } from './float-imports.ts';
import { FunctionTable } from './function-table.ts';
import type { Forms } from './interpreter/forms.ts';
import type { EngineImports } from './interpreter/handlers.ts';
import { Interpreter } from './interpreter/interpreter.ts';
import { ThreadedArea } from './interpreter/threaded-area.ts';
import { ThreadedBlocks } from './interpreter/threaded-blocks.ts';
import { ThreadedTranslation } from './interpreter/threaded-translation.ts';
import { regionExport } from './translated-function.ts';
import { runtimeFunctions } from './runtime-module.ts';
import type { TranslatableSource } from './translatable-source.ts';

/** Where execution can enter translated code. `argument`: a record of the interpreter; nothing to a region. */
export interface Entry extends Pick<Translation, 'tier' | 'table' | 'run'> {
  readonly argument: number;
}

export interface CacheOptions {
  readonly isa: InstructionSet;
  readonly memory: FlatMemory;
  readonly source: TranslatableSource;
  readonly timeAt: (icount: number) => bigint;
  readonly capacity: CacheCapacity;
  readonly targetRounds: readonly number[];
  readonly modules: ModuleStore;
  readonly kept: KeptRegions | undefined;
  readonly beforeRegion: () => void;
  readonly forms: Forms;
  /** Told what happens to translations. */
  readonly report: (event: TranslationCacheEvent) => void;
}

/**
 * The translated code of one machine. Laws: an entry exists only while every guest byte it was made from is
 * unchanged and executable; the jump cache in control memory holds live entries only; there are never more regions and
 * threaded code than the capacity says; nothing is evicted while translated code runs.
 */
export class TranslationCache {
  readonly #options: CacheOptions;
  readonly #table = new FunctionTable();
  readonly #interpreter: Interpreter;
  readonly #area: ThreadedArea;
  readonly #regions: RegionTranslator;
  readonly #codeMap: CodeMap;
  readonly #jumps: JumpCache;
  readonly #slowSites = new SlowSites();
  readonly #targets: TargetSamples;
  readonly #imports: EngineImports;
  /** Regions by where they are entered. */
  readonly #entries = new Map<number, Translation>();
  readonly #threaded: ThreadedBlocks;
  /** Regions in the order in which they are thought of for eviction. */
  readonly #queue = new Set<Translation>();
  /** Translations that a stop made shorter. */
  readonly #cut = new Set<Translation>();
  /** Whether translated code is on the host's stack. */
  running = false;

  constructor(options: CacheOptions) {
    const { isa, memory, source, capacity, modules, kept, forms } = options;
    this.#options = options;
    this.#codeMap = new CodeMap(memory, () => this.#settle());
    this.#jumps = new JumpCache(memory);
    this.#targets = new TargetSamples(memory.control.buffer, options.targetRounds);
    this.#regions = new RegionTranslator(isa, memory, source, { modules, kept, targets: this.#targets });
    this.#imports = {
      guest: memory.guest,
      control: memory.control,
      marks: memory.marks?.memory,
      forms: forms.memory.memory,
      regions: this.#table.table,
      timeAt: options.timeAt,
      ...admissionOf(memory, this.#codeMap),
    };
    this.#area = new ThreadedArea(
      new Int32Array(memory.control.buffer),
      threadedCodeAt(memory.pageCount),
      capacity.threadedBytes,
    );
    this.#interpreter = new Interpreter(
      memory,
      source,
      forms,
      this.#table,
      this.#imports,
      (name) => this.#importOf(name),
      isa.layout.pc,
      this.#area,
      (segment) => this.#evictSegment(segment),
    );
    this.#threaded = new ThreadedBlocks(memory, this.#area, this.#interpreter.head);
    memory.onCodeChange = (start, end) => this.#invalidate(start, end);
  }

  get occupancy(): CacheOccupancy {
    this.takeNotes();
    const entries = { interpreter: this.#threaded.size, region: this.#queue.size };
    return { entries, capacity: this.#options.capacity };
  }

  /** Takes in what generated code has threaded since, and reports it. */
  takeNotes(): void {
    const { blocks, instructions } = this.#threaded.takeNotes();
    if (blocks > 0) this.#options.report({ type: 'BlocksThreaded', blocks, instructions });
  }

  /** The translation that begins at `address`, if there is one. */
  lookup(address: number): Entry | undefined {
    const region = this.#entries.get(address);
    if (region) return entryOf(region);
    this.takeNotes();
    const head = this.#threaded.entryAt(address);
    return head === undefined ? undefined : this.#blockAt(head);
  }

  /**
   * Has generated code make threaded code of what it meets, without coming back here, to be called hot at its `heat`th entry;
   * 0: of nothing.
   */
  threadAlone(heat: number): void {
    this.#interpreter.threadAlone(heat);
  }

  /** Has generated code find nothing until it is told again. */
  forgetJumps(): void {
    this.#jumps.clear();
  }

  /** Lets generated code find an entry without coming back here. */
  remember(address: number, { table, argument }: Entry): void {
    this.#jumps.set(address, table, argument);
  }

  /**
   * Makes the interpreter's block the entry at `address`, to be called hot at its `heat`th entry; undefined when its first
   * instruction has to be stepped.
   */
  interpret(address: number, heat: number): Entry | undefined {
    const entry = this.threaded(address);
    if (!entry) return undefined;
    this.#interpreter.warm(entry.argument, heat);
    this.#threaded.decide(address);
    return entry;
  }

  /** The interpreter's block that begins at `address`, whatever the entry there is; undefined as for `interpret`. */
  threaded(address: number): Entry | undefined {
    this.takeNotes();
    const known = this.#threaded.find(address);
    if (known !== undefined) return this.#blockAt(known);
    const { cuts } = this.#options.source;
    const began = uptimeMs();
    const made = this.#interpreter.translate(address);
    if (!made) return undefined;
    const { translation, segment } = made;
    this.#add(translation, cuts);
    this.#threaded.add(translation, segment);
    this.#options.report({
      type: 'BlockThreaded',
      address,
      instructions: made.instructions,
      results: made.handlers,
      registerMaps: made.shapes,
      micros: (uptimeMs() - began) * 1000,
    });
    return this.#blockAt(translation.argument);
  }

  /** Runs the first `count` instructions of an interpreter's block that has more; gives its exit as translated code does. */
  runPart(block: Entry, count: number): number {
    return this.#interpreter.runPart(block.argument, count);
  }

  /** Has the interpreter's block at `address` called hot when it has been entered `heat` more times. */
  warm(address: number, heat: number): void {
    this.takeNotes();
    const head = this.#threaded.find(address);
    if (head !== undefined) this.#interpreter.warm(head, heat);
  }

  /**
   * Notes that a region was left, when `icount` instructions had retired, because the instruction at `address` was off the
   * fast path. Where that happens often, the regions are translated anew, with calls.
   */
  tookSlowPath(address: number, icount: number): void {
    if (!this.#slowSites.note(address, icount)) return;
    for (const translation of this.#codeMap.translationsIn(address, address + 1))
      if (translation.tier === 'region') this.#drop(translation, 'replaced');
  }

  /** Whether a region that begins at `address` was made by another process, and can be had at little cost. */
  isKept(address: number): boolean {
    return this.#regions.isKept(address);
  }

  /** Translates regions anew of which more is known, by now, about where they lead. */
  learnTargets(): void {
    const regions = new Set<number>();
    for (const site of this.#targets.learn())
      for (const translation of this.#codeMap.translationsIn(site, site + 1)) {
        if (translation.tier !== 'region') continue;
        regions.add(translation.address);
        this.#drop(translation, 'replaced');
      }
    for (const address of regions) this.translate(address);
  }

  /** Translates the region that begins at `address`; undefined when its first instruction has no translation. */
  translate(address: number): Entry | undefined {
    const { cuts } = this.#options.source;
    const began = uptimeMs();
    this.#options.beforeRegion();
    const region = this.#regions.translate(address, this.#slowSites.called);
    if (!region) return undefined;
    if (this.#queue.size >= this.#options.capacity.regions) this.#evict(this.#leastUsedRegion());
    const { blocks, instructions, identity, code } = region;
    for (const name of code.imports) this.#imports[name] ??= this.#importOf(name);
    const run = new WebAssembly.Instance(code.module, { engine: this.#imports }).exports[regionExport]!;
    region.note?.(run);
    const table = this.#table.add(run);
    const translation: Translation = { tier: 'region', address, table, run, blocks, pages: pagesOf(blocks) };
    this.#queue.add(translation);
    this.#add(translation, cuts);
    this.#entries.set(address, translation);
    this.#threaded.mayBeKnown(address);
    this.#jumps.delete(address);
    const micros = (uptimeMs() - began) * 1000;
    const size = { blocks: blocks.length, instructions, size: code.size };
    this.#options.report(
      region.from === 'kept'
        ? { type: 'RegionRestored', address, identity, optimised: region.optimised, ...size, micros }
        : { type: 'RegionTranslated', address, identity, found: region.from === 'known', ...size, micros },
    );
    return entryOf(translation);
  }

  /** Drops what was made with other stops and is wrong, or shorter than it need be, with those there are now. */
  stopsChanged(): void {
    for (const translation of [...this.#cut]) this.#drop(translation, 'replaced');
    const { source } = this.#options;
    const concerned = ({ blocks }: Translation): boolean =>
      blocks.some(({ address, end }) => source.concernedIn(address, end));
    for (const translation of this.#all()) if (concerned(translation)) this.#drop(translation, 'replaced');
  }

  /** Drops all translations, to have them made otherwise. */
  dropAll(): void {
    for (const translation of this.#all()) this.#drop(translation, 'replaced');
    this.#area.clear();
    this.#threaded.clear();
  }

  /** A function that generated code asks for by this name. */
  #importOf(name: string): CallableFunction | undefined {
    const { memory, forms } = this.#options;
    return exactFloatImport(name, memory.control) ?? runtimeFunctions(forms.modules)[name];
  }

  #all(): readonly Translation[] {
    this.#settle();
    return [...this.#queue, ...this.#threaded.all];
  }

  #blockAt(head: number): Entry {
    return { tier: 'interpreter', ...this.#interpreter.head, argument: head };
  }

  /** Has the code map know all threaded code. */
  #settle(): void {
    this.takeNotes();
    for (const block of this.#threaded.settle()) this.#codeMap.add(block);
  }

  /** `cuts`: of the source, before this was translated. */
  #add(translation: Translation, cuts: number): void {
    if (this.#options.source.cuts > cuts) this.#cut.add(translation);
    this.#codeMap.add(translation);
    const { marks } = this.#options.memory;
    if (marks)
      for (const block of translation.blocks) marks.addBlock(block.address, this.#instructionsOf(block));
  }

  #instructionsOf({ address, end }: CodeRange): readonly PlacedInstruction[] {
    const instructions: PlacedInstruction[] = [];
    for (let at = address; at < end;) {
      const lifted = this.#options.source.decode(at);
      if (typeof lifted === 'string') break;
      instructions.push({ address: at, lifted });
      at += lifted.decoded.length;
    }
    return instructions;
  }

  /**
   * The clock algorithm: an entry in the jump cache says that a region was used since it was last thought of, and gives it a
   * second chance.
   */
  #leastUsedRegion(): readonly Translation[] {
    for (const region of this.#queue) {
      if (!this.#jumps.delete(region.address)) return [region];
      this.#queue.delete(region);
      this.#queue.add(region);
    }
    return [];
  }

  #evictSegment(segment: number): void {
    this.#settle();
    this.#evict(this.#threaded.takeSegment(segment));
  }

  #evict(translations: Iterable<Translation>): void {
    if (this.running) throw new EngineFault('evicting-running-code', 'eviction while translated code runs');
    for (const translation of [...translations]) this.#drop(translation, 'evicted');
  }

  #invalidate(start: number, end: number): void {
    for (const translation of this.#codeMap.translationsIn(start, end)) this.#drop(translation, 'changed');
  }

  #drop(translation: Translation, reason: TranslationDropped['reason']): void {
    const { tier, address, blocks } = translation;
    this.#codeMap.remove(translation);
    this.#cut.delete(translation);
    if (tier === 'region') {
      this.#table.remove(translation.table);
      this.#queue.delete(translation);
      if (this.#entries.get(address) === translation) this.#entries.delete(address);
      this.#threaded.undecide(address);
    } else if (translation instanceof ThreadedTranslation && this.#threaded.has(translation))
      this.#threaded.remove(translation);
    this.#jumps.delete(address);
    this.#options.report({ type: 'TranslationDropped', tier, address, blocks: blocks.length, reason });
  }
}

const entryOf = ({ tier, table, run }: Translation): Entry => ({ tier, table, run, argument: 0 });

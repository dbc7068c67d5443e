import type {
  CounterSource,
  EngineMachine,
  EngineMachineOptions,
  Stop,
} from '../../../application/ports/execution-engine.ts';
import type { Stops } from '../../../application/ports/stops.ts';
import type { TranslationPolicy } from '../../../application/ports/translation-policy.ts';
import type { TranslationCacheEvent } from '../../../domain/translation-cache/events.ts';
import type { CacheOccupancy } from '../../../domain/translation-cache/statistics.ts';
import { GoldenMachine } from '../golden/golden-machine.ts';
import { control } from '../memory/control-memory.ts';
import type { EffectMarks } from '../memory/effect-marks.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { PageProtection } from '../memory/page-protection.ts';
import type { WriteTracking } from '../memory/write-tracking.ts';
import type { CacheCapacity } from './cache/cache-capacity.ts';
import type { KeptRegions } from './cache/kept-regions.ts';
import type { ModuleStore } from './cache/module-store.ts';
import { GuardedRuns } from './guarded-runs.ts';
import { exitCode, nowhere } from './translated-function.ts';
import { formsOf } from './interpreter/forms.ts';
import { Promotion } from './cache/promotion.ts';
import { TranslatableSource } from './translatable-source.ts';
import { type Entry, TranslationCache } from './translation-cache.ts';

/**
 * Leaving now and then lets V8 put optimised code in the place of a running baseline version (it does not replace
 * a function while it runs).
 */
const maxSlice = 1 << 20;

export interface WasmMachineOptions {
  /** Decides when a block's region is translated. */
  readonly policy: TranslationPolicy;
  /** Gives what guards guest memory from the first region on; without it every access is checked. */
  readonly protection: () => PageProtection | undefined;
  /** Gives what tells of stores that were not checked. */
  readonly tracking: () => WriteTracking | undefined;
  readonly capacity: CacheCapacity;
  /** How many targets of a computed jump are noted, that were not guessed, before there is another guess: in each round. */
  readonly targetRounds: readonly number[];
  readonly modules: ModuleStore;
  /** Regions of other processes. */
  readonly kept: KeptRegions | undefined;
  readonly beforeRegion: () => void;
  /** Where what it does is marked. */
  readonly marks: EffectMarks | undefined;
}

/**
 * A machine that runs guest code translated to WebAssembly, region by region. Whatever translated code cannot do
 * exactly (the tail of a run, faults, traps, stores into code, ops without lowering) is stepped by the
 * golden machine, which shares memory and vCPU state. Blocks are interpreted until the policy has them translated.
 */
export class WasmMachine implements EngineMachine {
  readonly #golden: GoldenMachine;
  readonly #cache: TranslationCache;
  readonly #words: Int32Array;
  readonly #sliceEnd: Float64Array | BigInt64Array;
  readonly #pcWord: number;
  readonly #promotion: Promotion;
  #protection: () => PageProtection | undefined;
  readonly #tracking: () => WriteTracking | undefined;
  #guarded: GuardedRuns | undefined;
  /** Instructions that had to be stepped, for statistics. */
  stepped = 0;

  readonly #report: (event: TranslationCacheEvent) => void;
  #hits = 0;
  #misses = 0;

  constructor(given: EngineMachineOptions, own: WasmMachineOptions) {
    const options = { ...given, counters: this.#watching(given.counters) };
    this.#golden = new GoldenMachine(options, own.marks);
    this.#report = options.onTranslation ?? (() => undefined);
    const { memory, source, stopPoints } = this.#golden;
    this.#cache = new TranslationCache({
      isa: options.isa,
      memory,
      source: new TranslatableSource(source, stopPoints),
      timeAt: (icount) => BigInt.asIntN(64, options.counters.timeAt(icount)),
      capacity: own.capacity,
      targetRounds: own.targetRounds,
      modules: own.modules,
      kept: own.kept,
      beforeRegion: own.beforeRegion,
      forms: formsOf(options.isa),
      report: this.#report,
    });
    this.#words = new Int32Array(memory.control.buffer);
    this.#sliceEnd = new BigInt64Array(memory.control.buffer, control.sliceEnd, 1);
    this.#pcWord = (control.cpu + options.isa.layout.pc.offset) >> 2;
    this.#promotion = new Promotion(own.policy, memory, source, (address) => this.#cache.isKept(address));
    this.#protection = own.protection;
    this.#tracking = own.tracking;
    this.#threadAlone();
  }

  /** Generated code threads blocks by itself where nothing is to be decided about any of them. */
  #threadAlone(): void {
    this.#cache.threadAlone(this.#golden.stopPoints.none ? this.#promotion.always : 0);
  }

  get memory(): FlatMemory {
    return this.#golden.memory;
  }
  get cpu(): Uint8Array {
    return this.#golden.cpu;
  }
  get icount(): number {
    return this.#golden.icount;
  }
  set icount(value: number) {
    this.#golden.icount = value;
  }
  get stops(): Stops {
    return this.#golden.stops;
  }
  set stops(stops: Stops) {
    const { pcs, registers } = this.stops;
    const watchedReads = this.#watchesReads;
    if (stops !== this.stops) this.#guarded?.spoil();
    // A load that the host guards is not seen, so that guest memory is not guarded while loads are watched.
    if (!watchedReads && stops.memory.some(({ access }) => access !== 'write')) {
      this.#guarded = undefined;
      this.memory.unguard();
    }
    this.#golden.stops = stops;
    if (watchedReads !== this.#watchesReads) this.#cache.dropAll();
    else if (stops.pcs !== pcs || stops.registers !== registers) this.#cache.stopsChanged();
    this.#threadAlone();
  }
  get occupancy(): CacheOccupancy {
    return this.#cache.occupancy;
  }

  systemWrote(registers: readonly string[]): void {
    this.#golden.systemWrote(registers);
  }

  run(until: number): Stop {
    this.#beginGuarded();
    let stop: Stop | undefined;
    try {
      return (stop = this.#run(until));
    } finally {
      if (this.#guarded?.redoing) this.#cache.forgetJumps();
      // What was marked is taken when a run ends.
      this.#guarded?.end(this.icount, stop?.reason === 'limit' && !this.memory.marks);
      this.#cache.takeNotes();
      this.#reportLookups();
    }
  }

  /** A clock that was read may have been set by the next run, which then must not do this one again. */
  #watching(counters: CounterSource): CounterSource {
    return {
      timeAt: (icount) => {
        this.#guarded?.spoil();
        return counters.timeAt(icount);
      },
    };
  }

  #reportLookups(): void {
    this.#report({ type: 'AddressesLookedUp', hits: this.#hits, misses: this.#misses });
    this.#hits = this.#misses = 0;
  }

  #run(until: number): Stop {
    while (this.icount < until) {
      if (this.memory.host.guarded === 'nothing' && this.#guarded) this.#unguard();
      if (this.#guarded?.renew(this.icount)) this.#judgeGuard();
      const pc = this.#pc();
      const entry = this.#entryAt(pc);
      const stop = entry ? this.#runTranslated(pc, entry, until) : this.#step();
      if (stop) return stop;
    }
    return { reason: 'limit' };
  }

  get #watchesReads(): boolean {
    return this.memory.watched.readPages.size > 0;
  }

  /** The pc, or -1 where it is beyond any memory. */
  #pc(): number {
    if (this.#words[this.#pcWord + 1] !== 0) return -1;
    return this.#words[this.#pcWord]! >>> 0;
  }

  #entryAt(pc: number): Entry | undefined {
    if (pc < 0 || pc >= this.memory.size || pc % 2 !== 0) return undefined;
    if (this.#guarded?.redoing) return this.#cache.threaded(pc);
    const known = this.#cache.lookup(pc);
    if (known) {
      this.#hits++;
      return known;
    }
    this.#misses++;
    const patience = this.#promotion.first(pc, this.icount);
    return patience === 0 ? this.#translate(pc) : this.#cache.interpret(pc, patience);
  }

  #runTranslated(pc: number, entry: Entry, until: number): Stop | undefined {
    this.#cache.remember(pc, entry);
    const code = this.#enter(entry, until);
    return code === exitCode.slow ? this.#slowPath(until) : this.#after(code, until);
  }

  /** Runs translated code, or that part of an interpreter's block that leads to `until`; gives its exit code. */
  #enter(entry: Entry, until: number, part = false): number {
    const slice = Math.min(until - this.icount, maxSlice);
    this.#sliceEnd[0] = BigInt(this.icount + slice);
    this.#cache.running = true;
    try {
      const result = part
        ? this.#cache.runPart(entry, slice)
        : (entry.run(slice, entry.argument, 0, nowhere) as number);
      this.icount += slice - this.#words[control.remaining >> 2]!;
      return ~result;
    } catch (error) {
      // RangeError: the host's stack is used up.
      if (!this.#guarded || !(error instanceof WebAssembly.RuntimeError || error instanceof RangeError))
        throw error;
      this.icount = this.#guarded.goBack(error);
      this.#cache.forgetJumps();
      return exitCode.miss;
    } finally {
      this.#cache.running = false;
    }
  }

  /** The region at `address`; the first has guest memory guarded. */
  #translate(address: number): Entry | undefined {
    const protection = this.#guarded || this.#watchesReads ? undefined : this.#protection();
    if (protection) {
      // A store that the host guards is not seen either.
      const tracking = this.memory.watched.writePages.size > 0 ? undefined : this.#tracking();
      this.#guarded = new GuardedRuns(this.memory, this.cpu, protection, tracking);
      this.#beginGuarded();
    }
    return this.#cache.translate(address);
  }

  /** Translates the region that begins at `address` as a run would; false where there is none. */
  translateAhead(address: number): boolean {
    return this.#cache.lookup(address) !== undefined || this.#translate(address) !== undefined;
  }

  #beginGuarded(): void {
    this.#guarded?.begin(this.icount);
    this.#judgeGuard();
  }

  /** To be called when an epoch has begun, before guest code runs: what is left of the guard has begun one, too. */
  #judgeGuard(): void {
    if (!this.#guarded) return;
    if (this.memory.host.guarded === 'nothing' || this.#guarded.faultsOften) return this.#unguard();
    const protection = this.#guarded.storesBetterChecked ? this.#protection() : undefined;
    if (!protection) return;
    this.memory.unguard();
    this.#guarded = new GuardedRuns(this.memory, this.cpu, protection, undefined);
    this.#guarded.begin(this.icount);
    this.#cache.dropAll();
  }

  #unguard(): void {
    this.#guarded = undefined;
    this.#protection = () => undefined;
    this.memory.unguard();
    this.#cache.dropAll();
  }

  #after(code: number, until: number): Stop | undefined {
    switch (code) {
      case exitCode.limit: {
        const left = this.#words[control.remaining >> 2]!;
        return left > 0 && this.icount + left === until ? this.#finish(until) : undefined;
      }
      case exitCode.step:
        return this.#step();
      case exitCode.syscall:
        return { reason: 'syscall' };
      case exitCode.hot:
        this.#promote();
        return undefined;
      case exitCode.targets:
        this.#cache.learnTargets();
        return undefined;
      default:
        return undefined;
    }
  }

  /** The interpreter's handlers call the slow paths that regions leave for. */
  #slowPath(until: number): Stop | undefined {
    const pc = this.#pc();
    const entry = this.#cache.threaded(pc);
    if (!entry) return this.#step();
    const { icount } = this;
    const saved = this.#guarded?.savedPages;
    const code = this.#enter(entry, until);
    // The first store to a page in an epoch is no reason to have a call in a loop.
    if (saved === this.#guarded?.savedPages) this.#cache.tookSlowPath(pc, icount);
    return this.#after(code, until);
  }

  /** Translates the region at pc, which the interpreter called hot, unless it is to be interpreted further. */
  #promote(): void {
    const pc = this.#pc();
    if (this.#cache.lookup(pc)?.tier === 'region') return this.#cache.warm(pc, Infinity);
    const patience = this.#promotion.again(pc, this.icount);
    if (patience > 0 || !this.#translate(pc)) this.#cache.warm(pc, patience || Infinity);
  }

  /** Goes on where too little is left for a region: block by block, and with a part of the last one. */
  #finish(until: number): Stop | undefined {
    for (let before = -1; this.icount > before && this.icount < until;) {
      before = this.icount;
      const entry = this.#cache.threaded(this.#pc());
      const code = entry && this.#enter(entry, until);
      if (code !== undefined && code !== exitCode.limit) return this.#after(code, until);
    }
    // The marks are of whole blocks.
    const last = this.icount < until && !this.memory.marks ? this.#cache.threaded(this.#pc()) : undefined;
    if (last) return this.#after(this.#enter(last, until, true), until);
    return this.#stepUntil(until);
  }

  #stepUntil(until: number): Stop | undefined {
    while (this.icount < until) {
      const stop = this.#step();
      if (stop) return stop;
    }
    return undefined;
  }

  #step(): Stop | undefined {
    this.stepped++;
    const stop = this.#golden.step();
    // A store beside translated code has opened its page.
    this.memory.host.beforeRun();
    return stop;
  }
}

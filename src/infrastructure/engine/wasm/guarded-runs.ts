import { EngineFault } from '../memory/engine-fault.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { PageProtection } from '../memory/page-protection.ts';
import { ShadowMemory } from '../memory/shadow-memory.ts';
import { type Undo, UndoLog } from '../memory/undo-log.ts';
import type { WriteTracking } from '../memory/write-tracking.ts';
import { EpochLength } from './epoch-length.ts';

/** A machine whose guest faults more often than this in all is better served by checked code, or first by checked stores. */
const [maxFaults, maxFaultsOfStores] = [24, 8];
/** Asking the host what was written takes some 10 µs: for runs shorter than this on average, in instructions, too long. */
const shortRun = 30_000;
const runsToJudge = 1000;
/** Microseconds that saving a page takes where its first store comes here. */
const savingCost = 2;

/**
 * Runs with the host guarding guest memory. An access that the guest may not do throws out of translated code, whose registers are
 * then lost; the run goes back to the beginning of the epoch and is done again by the interpreter, which checks every access
 * and so stops exactly at the fault. An epoch goes on over several calls of `run` as long as these do nothing but execute the
 * guest's instructions one after the other: nothing else can be undone.
 */
export class GuardedRuns {
  readonly #memory: FlatMemory;
  readonly #undo: Undo;
  readonly #shadow: ShadowMemory | undefined;
  #runs = 0;
  #instructions = 0;
  #runBegan = 0;
  readonly #length: EpochLength;
  readonly #cpu: Uint8Array;
  /** Where the last run ended. */
  readonly #endedCpu: Uint8Array;
  #endedAt = 0;
  #faults = 0;
  /** Whether the rest of the run is done by the interpreter only. */
  redoing = false;

  /** `tracking`: what tells which pages were written; without it each store looks at a page byte, and is not guarded. */
  constructor(
    memory: FlatMemory,
    cpu: Uint8Array,
    protection: PageProtection,
    tracking: WriteTracking | undefined,
  ) {
    this.#memory = memory;
    const fits = tracking !== undefined && ShadowMemory.holds(memory.touchedPages().length);
    const tracked = fits ? tracking.track(memory.bytes) : undefined;
    this.#shadow = tracked && new ShadowMemory(memory.bytes, cpu, tracked);
    this.#undo = this.#shadow ?? new UndoLog(memory.bytes, cpu);
    this.#length = new EpochLength(this.#shadow && tracking ? tracking.writeCost : savingCost);
    this.#cpu = cpu;
    this.#endedCpu = new Uint8Array(cpu.length);
    memory.guardWith(protection, this.#undo, this.#shadow !== undefined);
  }

  /**
   * Whether stores are guarded, and better were not: they are watched, fault often, fill the host's memory or go to more pages than
   * pays; or runs are short.
   */
  get storesBetterChecked(): boolean {
    if (!this.#shadow) return false;
    return (
      this.#faults > maxFaultsOfStores ||
      this.#shadow.tooLarge ||
      this.#length.tooCostly ||
      this.#memory.watched.writePages.size > 0 ||
      (this.#runs >= runsToJudge && this.#instructions < this.#runs * shortRun)
    );
  }

  /** Whether the guest faults so often that guarding does not pay. */
  get faultsOften(): boolean {
    return this.#faults > maxFaults;
  }

  /** Pages saved in this epoch. */
  get savedPages(): number {
    return this.#undo.size;
  }

  begin(icount: number): void {
    this.#runBegan = icount;
    if (this.#goesOn(icount)) this.#undo.resume();
    else this.#beginEpoch(icount);
    this.#memory.host.beforeRun();
  }

  /** Begins a new epoch when it is time, and tells whether it was; to be called where all state is in memory. */
  renew(icount: number): boolean {
    const isTime = icount - this.#undo.icount >= this.#length.instructions || this.#undo.full;
    if (this.redoing || !isTime) return false;
    this.#beginEpoch(icount);
    return true;
  }

  /** `interrupted`: the run has reached its limit, and done nothing but execute instructions. */
  end(icount: number, interrupted: boolean): void {
    this.#runs++;
    this.#instructions += icount - this.#runBegan;
    this.#undo.pause();
    if (this.redoing || !interrupted) this.#undo.spoil();
    this.redoing = false;
    this.#endedAt = icount;
    this.#endedCpu.set(this.#cpu);
  }

  /** What comes next is not to be undone together with what was. */
  spoil(): void {
    this.#undo.spoil();
  }

  /** Goes back to where the epoch began; gives the instruction count there. Throws EngineFault when that was done before. */
  goBack(cause: unknown): number {
    if (this.redoing)
      throw new EngineFault(
        'engine-trap',
        'translated code trapped where every access is checked',
        {},
        cause,
      );
    this.redoing = true;
    this.#faults++;
    this.#length.faulted();
    this.#undo.restore((page) => this.#memory.beforeRestore(page));
    return this.#undo.icount;
  }

  #goesOn(icount: number): boolean {
    return this.#undo.whole && icount === this.#endedAt && Buffer.compare(this.#cpu, this.#endedCpu) === 0;
  }

  #beginEpoch(icount: number): void {
    this.#memory.absorb();
    // A machine may be set back.
    this.#length.passed(Math.max(0, icount - this.#undo.icount), this.#undo.size);
    this.#memory.withdrawStores(this.#undo.begin(icount));
  }
}

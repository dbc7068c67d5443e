import { EngineFault } from '../memory/engine-fault.ts';
import type { FlatMemory } from '../memory/flat-memory.ts';
import type { PageProtection } from '../memory/page-protection.ts';
import { UndoLog } from '../memory/undo-log.ts';

/** Instructions of an epoch: few after a fault, then ever more. Each saves the pages that it writes to once. */
const [shortest, longest] = [1 << 20, 1 << 25];
/** A machine whose guest faults more often than this in all is better served by checked code. */
const maxFaults = 24;

/**
 * Runs with the host guarding guest memory. A load that the guest may not do throws out of translated code, whose registers are
 * then lost; the run goes back to the beginning of the epoch and is done again by the interpreter, which checks every access
 * and so stops exactly at the fault. An epoch lies within one call of `run`, since nothing outside can be undone.
 */
export class GuardedRuns {
  readonly #memory: FlatMemory;
  readonly #undo: UndoLog;
  #length = shortest;
  #faults = 0;
  /** Whether the rest of the run is done by the interpreter only. */
  redoing = false;

  constructor(memory: FlatMemory, cpu: Uint8Array, protection: PageProtection) {
    this.#memory = memory;
    this.#undo = new UndoLog(memory.bytes, cpu);
    memory.guardWith(protection, this.#undo);
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
    this.#memory.beforeRun();
    this.#beginEpoch(icount);
  }

  /** Begins a new epoch when it is time; to be called where all state is in memory. */
  renew(icount: number): void {
    if (this.redoing || (icount - this.#undo.icount < this.#length && !this.#undo.full)) return;
    if (!this.#undo.full) this.#length = Math.min(this.#length * 2, longest);
    this.#beginEpoch(icount);
  }

  end(): void {
    this.#undo.end();
    this.redoing = false;
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
    this.#length = shortest;
    this.#undo.restore((page) => this.#memory.forgetCode(page));
    return this.#undo.icount;
  }

  #beginEpoch(icount: number): void {
    this.#memory.withdrawStores(this.#undo.begin(icount));
  }
}

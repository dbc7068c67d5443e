import type { MachineSnapshot } from '../ports/guest-machine.ts';
import { pageSize } from '../ports/guest-memory.ts';
import { countUpTo } from './recording-index.ts';

/** A machine's whole state at an instant, in memory. */
export interface MaterialisedState {
  readonly icount: number;
  /** Host replies given by then. */
  readonly replies: number;
  readonly snapshot: MachineSnapshot;
}

interface Kept extends MaterialisedState {
  used: number;
}

/** What a state costs beside its pages: registers, kernel state. */
const stateBytes = 128 * 1024;

/**
 * States to start from, in order. Laws: pages that several states share count once; when the bytes exceed the budget,
 * the state that was not used for longest goes first, the earliest one (instruction 0) never.
 */
export class MaterialisedStates {
  readonly #budget: number;
  readonly #states: Kept[] = [];
  readonly #sharers = new Map<Uint8Array, number>();
  #bytes = 0;
  #time = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get count(): number {
    return this.#states.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The last state at or before `icount`. */
  before(icount: number): MaterialisedState | undefined {
    const found = this.#states[countUpTo(this.#states, icount) - 1];
    if (found !== undefined) found.used = ++this.#time;
    return found;
  }

  /** Whether a state lies in `[from, to]`. */
  hasWithin(from: number, to: number): boolean {
    return (this.#states[countUpTo(this.#states, to) - 1]?.icount ?? -1) >= from;
  }

  keep(state: MaterialisedState): void {
    const at = countUpTo(this.#states, state.icount);
    if (this.#states[at - 1]?.icount === state.icount) return;
    this.#states.splice(at, 0, { ...state, used: ++this.#time });
    this.#bytes += stateBytes;
    for (const page of state.snapshot.pages.values()) {
      const sharers = this.#sharers.get(page) ?? 0;
      if (sharers === 0) this.#bytes += pageSize;
      this.#sharers.set(page, sharers + 1);
    }
    while (this.#bytes > this.#budget && this.#states.length > 2) this.#dropOldest();
  }

  #dropOldest(): void {
    let oldest = 1;
    for (let at = 2; at < this.#states.length; at++)
      if (this.#states[at]!.used < this.#states[oldest]!.used) oldest = at;
    const [dropped] = this.#states.splice(oldest, 1);
    this.#bytes -= stateBytes;
    for (const page of dropped!.snapshot.pages.values()) {
      const sharers = this.#sharers.get(page)! - 1;
      if (sharers > 0) this.#sharers.set(page, sharers);
      else {
        this.#sharers.delete(page);
        this.#bytes -= pageSize;
      }
    }
  }
}

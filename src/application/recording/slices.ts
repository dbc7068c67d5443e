import type { HostClock } from '../ports/host-clock.ts';

/**
 * How far to run before looking up: slices aim at some tens of milliseconds, so that progress and Ctrl-C are served
 * and the loop itself costs nothing. Law: how a run is cut into slices changes nothing in it.
 */
const aim = 40;
const shortest = 1000;
const longest = 2 ** 30;

export class Slices {
  readonly #clock: HostClock;
  /** The first is short: what waits for the event loop to turn need not wait long. */
  #length = 2 ** 14;
  #began = 0;

  constructor(clock: HostClock) {
    this.#clock = clock;
  }

  /** Where the slice that begins at `icount` ends, if nothing else ends it earlier. */
  begin(icount: number): number {
    this.#began = this.#clock.now();
    return icount + this.#length;
  }

  /** Learns from the slice that ran `count` instructions. */
  end(count: number): void {
    const took = Math.max(this.#clock.now() - this.#began, 0.05);
    // A slice that something else ended early says little about how many instructions fill the aim.
    if (took < aim / 4 && count < this.#length) return;
    const factor = Math.min(4, Math.max(0.25, aim / took));
    this.#length = Math.min(longest, Math.max(shortest, Math.round(this.#length * factor)));
  }
}

import type { Control } from '../control.ts';
import type { SymbolTable } from '../inspection/symbols.ts';
import { machineDifferences } from '../recording/machine-difference.ts';
import { lastInstant } from '../recording/recording-end.ts';
import type { TimeMachine } from '../travel/time-machine.ts';
import type { CommonPast } from './common-past.ts';
import type { FirstDifference, Parting } from './diff-request.ts';
import { placeInCode, samePlace } from './place-in-code.ts';

/** Instructions that are followed one by one to see where two ways part; beyond them, at doubling distances. */
const followed = 2 ** 13;

/** One of two histories, in a machine that goes anywhere. */
export interface Member {
  readonly time: TimeMachine;
  readonly symbols: SymbolTable;
}

/** Two histories that are put at the same instants. */
export class Pair {
  readonly left: Member;
  readonly right: Member;
  /** The last instant that both have. */
  readonly last: number;
  readonly #control: Control;

  constructor(left: Member, right: Member, control: Control) {
    this.left = left;
    this.right = right;
    const lasts = [left, right].map(({ time: { index } }) => lastInstant(index.end, index.icount));
    this.last = Math.min(...lasts);
    this.#control = control;
  }

  async goTo(icount: number): Promise<void> {
    const { signal, onProgress } = this.#control;
    for (const { time } of [this.left, this.right]) await time.goTo(icount, { signal });
    signal?.throwIfAborted();
    onProgress?.({ icount });
  }

  /** The first difference, as far as the inputs say where it may be. */
  async firstDifference({ instants }: Pick<CommonPast, 'instants'>): Promise<FirstDifference | undefined> {
    const differs = async (icount: number): Promise<boolean> => {
      await this.goTo(icount);
      return this.left.time.machine.digest() !== this.right.time.machine.digest();
    };
    const differsAt = await (instants === undefined
      ? firstWhere(-1, this.last, differs)
      : firstAmong(instants, this.last, differs));
    if (differsAt === undefined) return undefined;
    const agreedAt = differsAt - 1;
    if (agreedAt >= 0) await this.goTo(agreedAt);
    const edited = [this.left, this.right].some(({ time }) =>
      time.index.forks.some(({ icount, edits }) => icount === differsAt && edits.length > 0),
    );
    const instruction = agreedAt < 0 || edited ? undefined : placeInCode(this.left.time, this.left.symbols);
    await this.goTo(differsAt);
    const fields = machineDifferences(this.left.time.machine, this.right.time.machine);
    const exact = instants !== undefined || differsAt === 0;
    return { agreedAt, differsAt, instruction, fields, exact };
  }

  /** Where they go different ways, from an instant on. */
  async parting(from: number): Promise<Parting | undefined> {
    let icount = from;
    const apart = async (at: number): Promise<boolean> => {
      await this.goTo(at);
      return !samePlace(this.left.time, this.right.time);
    };
    const end = Math.min(this.last, from + followed);
    let parted = await apart(icount);
    while (!parted && icount < end) parted = await apart(++icount);
    if (parted) return this.#partingAt(icount, true);
    const found = await firstWhere(icount, this.last, apart);
    return found === undefined ? undefined : this.#partingAt(found, false);
  }

  async #partingAt(icount: number, exact: boolean): Promise<Parting> {
    await this.goTo(icount);
    const [left, right] = [this.left, this.right].map(({ time, symbols }) => placeInCode(time, symbols));
    return { icount, left: left!, right: right!, exact };
  }
}

/** The first of some instants, in order, or of those right after them, at which `holds`. */
async function firstAmong(
  instants: readonly number[],
  last: number,
  holds: (icount: number) => Promise<boolean>,
): Promise<number | undefined> {
  let probed = -1;
  for (const instant of instants)
    for (const icount of [instant, instant + 1]) {
      if (icount > last || icount <= probed) continue;
      if (await holds(icount)) return icount;
      probed = icount;
    }
  return undefined;
}

/**
 * An instant after `agreed` at which `holds`, and does not one before: looked for at doubling distances, then by bisection. So it is the
 * first one, unless what holds there ceases to before the next probe.
 */
export async function firstWhere(
  agreed: number,
  last: number,
  holds: (icount: number) => Promise<boolean>,
): Promise<number | undefined> {
  let low = agreed;
  let high = agreed;
  for (let distance = 1; ; distance *= 2) {
    if (low >= last) return undefined;
    high = Math.min(last, low + distance);
    if (await holds(high)) break;
    low = high;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

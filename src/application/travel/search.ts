import type { InstantRange } from '../effects/effects-index.ts';
import type { Control } from '../control.ts';
import type { GuestEvent, Observation } from '../ports/guest-event.ts';
import type { Stops } from '../ports/stops.ts';
import type { StateLayout } from '../../domain/ir/types.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { TimeMachine } from './time-machine.ts';
import type { Moment, Search } from './travel.ts';

/** Instructions searched at first when going back, and at most, at a time. */
const [nearest, farthest] = [2 ** 8, 2 ** 26];
/** Where no state is nearer than this before the cursor, a search backwards makes some first. */
const sparse = 2 ** 16;

/** Guest addresses are below this; what lies beyond is never met. */
const addressLimit = 2n ** 53n;

/**
 * What machines are to stop at for a search; what equals a part of `before` is that part, for engines make code anew when
 * stops change. Throws `invalid-request` for what cannot be looked for.
 */
export function stopsOf(search: Search, { slots, pc }: StateLayout, before: Stops): Stops {
  const { breakpoints = [], memory = [], registers = [] } = search;
  for (const { register } of registers)
    if (!slots.has(register) || register === pc.name)
      throw new RecordingError('invalid-request', `accesses to ${register} cannot be looked for`, {
        register,
      });
  for (const { length } of memory)
    if (!Number.isSafeInteger(length) || length < 1)
      throw new RecordingError('invalid-request', `a range of ${length} bytes cannot be watched`, { length });
  const pcs = breakpoints.filter((address) => address < addressLimit).map(Number);
  const watches = memory
    .filter(({ address }) => address < addressLimit)
    .map((range) => ({ ...range, address: Number(range.address) }));
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return {
    pcs: same(pcs, [...before.pcs]) ? before.pcs : new Set(pcs),
    memory: same(watches, before.memory) ? before.memory : watches,
    registers: same(registers, before.registers) ? before.registers : registers,
    from: 0,
  };
}

/** Looks for events in a recording, on one guest that is replayed. */
export class Searcher {
  readonly #time: TimeMachine;
  readonly #moment: Moment;

  /** `moment`: the guest as it is. */
  constructor(time: TimeMachine, moment: Moment) {
    this.#time = time;
    this.#moment = moment;
  }

  /** Runs to the next event from `from` on, or to `until`; leaves the guest there. `passed`: which breakpoints have been met. */
  async next(
    search: Search,
    stops: Stops,
    { from, until }: InstantRange,
    control: Control,
    passed: (event: GuestEvent) => boolean,
  ): Promise<GuestEvent | undefined> {
    await this.#time.goTo(from, control);
    const event = await this.#run(until, control, {
      stops,
      kinds: new Set(search.events),
      see: (seen) => !(seen.kind === 'breakpoint' && passed(seen)) && this.#counts(seen, search),
    });
    // Where it was met with part of its instruction's work done, the instant itself is gone to.
    if (event?.kind === 'breakpoint') await this.#time.goTo(event.icount, control);
    return event;
  }

  /** The last event of a short range, in one pass; leaves the guest anywhere. */
  async lastWithin(
    search: Search,
    stops: Stops,
    { from, until }: InstantRange,
    control: Control,
  ): Promise<GuestEvent | undefined> {
    await this.#time.goTo(from, control);
    this.#time.keep();
    return this.#lastSeen(search, stops, { from, until }, control);
  }

  /** The last event of a range, the end of which is searched first; leaves the guest anywhere. */
  async previous(
    search: Search,
    stops: Stops,
    { from: first, until: icount }: InstantRange,
    control: Control,
  ): Promise<GuestEvent | undefined> {
    const time = this.#time;
    if (!time.states.hasWithin(icount - sparse, icount - 1)) {
      await time.rewind(Math.max(0, icount - 1));
      await time.approach(icount, { backwards: true, signal: control.signal });
    }
    for (let end = icount, length = nearest; end > first && control.signal?.aborted !== true;) {
      await time.rewind(Math.max(first, end - length));
      const begin = time.machine.icount;
      const found = await this.#lastSeen(search, stops, { from: first, until: end }, control);
      if (found !== undefined) return found;
      end = begin;
      length = Math.min(farthest, length * 4);
    }
    return undefined;
  }

  /** Runs on to `until`; gives the last event from `from` on. */
  async #lastSeen(
    search: Search,
    stops: Stops,
    { from, until }: InstantRange,
    control: Control,
  ): Promise<GuestEvent | undefined> {
    let found: GuestEvent | undefined;
    await this.#run(until, control, {
      stops,
      kinds: new Set(search.events),
      see: (seen) => {
        if (seen.icount >= from && seen.icount < until && this.#counts(seen, search)) found = seen;
        return false;
      },
    });
    return found;
  }

  async #run(
    until: number,
    { signal, onProgress }: Control,
    observation: Observation,
  ): Promise<GuestEvent | undefined> {
    const { machine } = this.#time;
    // In portions, for progress.
    const portion = 2 ** 26;
    for (;;) {
      const end = Math.min(until, machine.icount + portion);
      const event = await this.#time.run(end, signal, observation);
      if (event !== undefined || end === until || machine.icount < end) return event;
      onProgress?.({ icount: machine.icount });
    }
  }

  #counts(event: GuestEvent, { thread, process, where }: Search): boolean {
    if (thread !== undefined && event.thread !== thread) return false;
    if (process !== undefined && event.process !== process) return false;
    return where === undefined || where(event, this.#moment);
  }
}
